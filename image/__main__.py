"""`python -m image`: builds serving/Dockerfile on this machine.

Environment:
    BASE_IMAGE: The base image. Default: the Dockerfile's, or if it cannot be pulled, a Debian made here.
    DEBIAN_MIRROR: The mirror for that Debian. Default: deb.debian.org.
    PIP_*: pip's own settings. The pip inside the build gets those on index, proxy and certificates.
    REQUESTS_CA_BUNDLE, SSL_CERT_FILE: A file with trusted certificates, if PIP_CERT is not set.
"""

import argparse
import dataclasses
import json
import os
import sys
import tempfile
from pathlib import Path

from image.base_image import default_base, fetch_base, make_debian_base
from image.builder import BUILDERS, Builder
from image.built_image import BuiltImage
from image.debian import MIRROR
from image.errors import ImageError, MissingToolError
from image.pip_settings import write_secrets
from terminal_output import escape_unencodable_output

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "serving" / "Dockerfile"
CACHE = ROOT / "build" / "image"
EXIT_MISSING_TOOL = 3


def main() -> int:
    """Builds the image.

    Returns:
        The exit code: 0 built, 1 failed, 3 a tool is missing on this machine. Failures print one sentence.
    """
    parser = argparse.ArgumentParser(
        prog="python -m image", description="Builds the image for serving, or the one for training."
    )
    parser.add_argument("--name", help="the image's name (default: the target's name, or serving)")
    parser.add_argument(
        "--target",
        default="",
        choices=("", "train"),
        help="the stage: train (default: the stage for serving)",
    )
    parser.add_argument(
        "--builder", choices=BUILDERS, help="program that builds it (default: the first that works)"
    )
    parser.add_argument("--storage", type=Path, help="the folder where podman and buildah store images")
    parser.add_argument("--json", action="store_true", help="print the image's properties as JSON")
    arguments = parser.parse_args()
    try:
        builder = Builder.find(arguments.builder, storage=arguments.storage)
        image = _build(builder, arguments.name or arguments.target or "serving", arguments.target)
    except ImageError as error:
        print(error, file=sys.stderr)
        return EXIT_MISSING_TOOL if isinstance(error, MissingToolError) else 1
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else error
        print(f"The image cannot be built: {reason}.", file=sys.stderr)
        return 1
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
        f"{sentence}\nA Debian with Python, made by debootstrap, is the base image instead.", file=sys.stderr
    )
    return make_debian_base(builder, cache=CACHE, mirror=os.environ.get("DEBIAN_MIRROR", MIRROR))


def _certificates() -> str:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or ""


def _sentence(image: BuiltImage) -> str:
    size = f"{image.size / 1e6:.0f} MB"
    return f"{image.builder} has the image {image.name}: {image.id}, {image.platform}, {size} unpacked."


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
