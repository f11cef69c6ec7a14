"""`python -m api`: writes what clients are given beside the bundle it is made from."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from api.files import write_openapi, write_postman
from api.names import in_camel_case
from bundle import BundleError, Manifest, read_archive

ROOT = Path(__file__).resolve().parents[1]


def main(argv: Sequence[str], root: Path = ROOT) -> int:
    """Write the files and print their paths.

    Args:
        argv: The arguments, without the program's name.
        root: The checkout, where cdk.json and build/ are.

    Returns:
        The exit code: 0, or 1 when there is no bundle to read.
    """
    arguments = _parser().parse_args(argv)
    context = json.loads((root / "cdk.json").read_text())["context"]
    models = arguments.models or _names(context.get("models") or context["model"])
    bundles = arguments.bundle or [root / "build" / model / "model.tar.gz" for model in models]
    try:
        manifests = [read_archive(bundle).manifest for bundle in bundles]
    except BundleError as error:
        print(f"{error}\n`make train` makes the bundle of a model.", file=sys.stderr)
        return 1
    folder = arguments.output or _folder(bundles, manifests, root)
    for path in _write(arguments.what, folder, manifests, arguments.auth or context.get("auth", "key")):
        print(path)
    return 0


def _folder(bundles: Sequence[Path], manifests: Sequence[Manifest], root: Path) -> Path:
    if len(bundles) == 1:
        return bundles[0].parent
    return root / "build" / "".join(in_camel_case(manifest.name) for manifest in manifests)


def _write(what: str, folder: Path, manifests: Sequence[Manifest], auth: str) -> Sequence[Path]:
    if what == "openapi":
        return [write_openapi(folder, *manifests, auth="iam" if auth == "iam" else "key")]
    return write_postman(folder, *manifests, auth="iam" if auth == "iam" else "key")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument(
        "what", choices=("openapi", "postman"), help="openapi.json, or a collection and its environment"
    )
    parser.add_argument(
        "--model",
        "--models",
        dest="models",
        type=_names,
        metavar="NAME[,NAME]",
        help="the model, or those of one API, where not cdk.json's",
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        action="append",
        metavar="PATH",
        help="its bundle, where not build/<model>/model.tar.gz; once for each model",
    )
    parser.add_argument(
        "--auth",
        choices=("key", "iam"),
        help="how callers show that they may ask, where not as cdk.json says",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where to write, where not beside the bundle, or of several in build/<their stack>",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
