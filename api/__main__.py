"""`python -m api`: writes the documents for clients, by default beside the bundle."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from api.generated_files import write_openapi, write_postman
from api.model_url_paths import in_camel_case
from bundle import BundleError, Manifest, read_archive
from terminal_output import escape_unencodable_output

ROOT = Path(__file__).resolve().parents[1]


def main(argv: Sequence[str], root: Path = ROOT) -> int:
    """Writes the files and prints their paths.

    Args:
        argv: The arguments, without the program's name.
        root: Folder that holds cdk.json and build/.

    Returns:
        The exit code: 0, or 1 if a bundle cannot be read or a file cannot be written.
    """
    arguments = _parser().parse_args(argv)
    context = json.loads((root / "cdk.json").read_text(encoding="utf-8"))["context"]
    models = arguments.models or _names(context.get("models") or context["model"])
    bundles = arguments.bundle or [root / "build" / model / "model.tar.gz" for model in models]
    try:
        manifests = [read_archive(bundle).manifest for bundle in bundles]
    except BundleError as error:
        print(f"{error}\n`make train` makes the bundle of a model.", file=sys.stderr)
        return 1
    folder = arguments.output or _folder(bundles, manifests, root)
    auth, has_page = arguments.auth or context.get("auth", "key"), context.get("page", "on") == "on"
    try:
        written = _write(arguments.document, folder, manifests, auth, has_page)
    except OSError as error:
        print(f"The files cannot be written to {folder}: {error.strerror}.", file=sys.stderr)
        return 1
    for path in written:
        print(path)
    return 0


def _folder(bundles: Sequence[Path], manifests: Sequence[Manifest], root: Path) -> Path:
    if len(bundles) == 1:
        return bundles[0].parent
    return root / "build" / "".join(in_camel_case(manifest.name) for manifest in manifests)


def _write(
    what: str, folder: Path, manifests: Sequence[Manifest], auth: str, has_page: bool
) -> Sequence[Path]:
    if what == "openapi":
        return [write_openapi(folder, *manifests, auth="iam" if auth == "iam" else "key", has_page=has_page)]
    return write_postman(folder, *manifests, auth="iam" if auth == "iam" else "key")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument(
        "document",
        choices=("openapi", "postman"),
        help="document to write: openapi.json, or a Postman collection and its environment",
    )
    parser.add_argument(
        "--model",
        "--models",
        dest="models",
        type=_names,
        metavar="NAME[,NAME]",
        help="the models of the API (default: those of cdk.json)",
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        action="append",
        metavar="PATH",
        help="path of a bundle, once for each model (default: build/<model>/model.tar.gz)",
    )
    parser.add_argument(
        "--auth",
        choices=("key", "iam"),
        help="authorization of callers (default: that of cdk.json)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        help="folder to write to (default: the bundle's folder; with several models build/<stack>)",
    )
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:]))
