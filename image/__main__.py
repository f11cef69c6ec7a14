"""`python -m image`: builds serving/Dockerfile on this machine.

Environment:
    BASE_IMAGE: Image to build on; else the Dockerfile's own, or where it cannot be pulled a Debian made here.
    DEBIAN_MIRROR: Where that Debian comes from; deb.debian.org unless set.
    PIP_*: pip's own settings; the pip inside the build gets those on index, proxy and certificates.
    REQUESTS_CA_BUNDLE, SSL_CERT_FILE: File with certificates to trust, where PIP_CERT is not set.
"""

import argparse
import dataclasses
import json
import os
import sys
import tempfile
from pathlib import Path

from image.base import default_base, fetch_base, make_debian_base
from image.builder import NAMES, Builder
from image.built_image import BuiltImage
from image.debian import MIRROR
from image.errors import ImageError, LackingError
from image.pip_settings import write_secrets

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "serving" / "Dockerfile"
CACHE = ROOT / "build" / "image"
EXIT_LACKING = 3


def main() -> int:
    """Builds the image.

    Returns:
        The exit code: 0 built, 1 not, 3 not because this machine lacks what it takes; a sentence says what.
    """
    parser = argparse.ArgumentParser(
        prog="python -m image", description="Builds the image that serves models, or that trains them."
    )
    parser.add_argument("--name", help="what to call it (serving, or the target)")
    parser.add_argument("--target", default="", help="which stage, as train; else the one that serves")
    parser.add_argument("--builder", choices=NAMES, help="who builds it; else the first that works")
    parser.add_argument("--storage", type=Path, help="folder for podman and buildah to keep it in")
    parser.add_argument("--json", action="store_true", help="print what was built as JSON")
    arguments = parser.parse_args()
    try:
        builder = Builder.find(arguments.builder, storage=arguments.storage)
        image = _build(builder, arguments.name or arguments.target or "serving", arguments.target)
    except ImageError as error:
        print(error, file=sys.stderr)
        return EXIT_LACKING if isinstance(error, LackingError) else 1
    print(json.dumps(dataclasses.asdict(image)) if arguments.json else _sentence(image))
    return 0


def _build(builder: Builder, name: str, target: str) -> BuiltImage:
    base = _base(builder)
    with tempfile.TemporaryDirectory() as folder:
        secrets = write_secrets(Path(folder), certificates=_certificates())
        builder.build(ROOT, file=DOCKERFILE, name=name, base=base, target=target, secrets=secrets)
    return BuiltImage.read(builder, name, base=base)


def _base(builder: Builder) -> str:
    wanted = os.environ.get("BASE_IMAGE")
    base = wanted or default_base(DOCKERFILE)
    reason = fetch_base(builder, base)
    if not reason:
        return base
    sentence = f"The base image {base} cannot be pulled: {reason}"
    if wanted:
        raise ImageError(sentence)
    print(
        f"{sentence}\nA Debian with its own Python, made with debootstrap, takes its place.", file=sys.stderr
    )
    return make_debian_base(builder, cache=CACHE, mirror=os.environ.get("DEBIAN_MIRROR", MIRROR))


def _certificates() -> str:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or ""


def _sentence(image: BuiltImage) -> str:
    size = f"{image.size / 1e6:.0f} MB"
    return f"{image.builder} has the image {image.name}: {image.id}, {image.platform}, {size} unpacked."


if __name__ == "__main__":
    sys.exit(main())
