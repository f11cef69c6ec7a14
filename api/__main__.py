"""`python -m api`: writes what clients are given beside the bundle it is made from."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from api.files import write_openapi, write_postman
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
    bundle = arguments.bundle or root / "build" / (arguments.model or context["model"]) / "model.tar.gz"
    try:
        manifest = read_archive(bundle).manifest
    except BundleError as error:
        print(f"{error}\n`make train` makes the bundle of a model.", file=sys.stderr)
        return 1
    auth = arguments.auth or context.get("auth", "key")
    for path in _write(arguments.what, arguments.output or bundle.parent, manifest, auth):
        print(path)
    return 0


def _write(what: str, folder: Path, manifest: Manifest, auth: str) -> Sequence[Path]:
    if what == "openapi":
        return [write_openapi(folder, manifest, auth="iam" if auth == "iam" else "key")]
    return write_postman(folder, manifest, auth="iam" if auth == "iam" else "key")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument(
        "what", choices=("openapi", "postman"), help="openapi.json, or a collection and its environment"
    )
    parser.add_argument("--model", help="the model, where not cdk.json's")
    parser.add_argument(
        "--bundle", type=Path, metavar="PATH", help="its bundle, where not build/<model>/model.tar.gz"
    )
    parser.add_argument(
        "--auth",
        choices=("key", "iam"),
        help="how callers show that they may ask, where not as cdk.json says",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to write, where not beside the bundle"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
