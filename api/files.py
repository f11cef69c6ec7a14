"""What clients are given, as files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.errors import Auth
from api.openapi.document import openapi_document
from api.postman.collection import postman_collection, postman_environment
from bundle import Manifest


def encode(document: Mapping[str, Any]) -> bytes:
    """A document as JSON that people can read: the same bytes for the same document."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def write_openapi(folder: Path, *manifests: Manifest, auth: Auth) -> Path:
    """Write the API's description.

    Args:
        folder: Where to; it is made where it is missing.
        manifests: Of the bundles that are served.
        auth: How callers show that they may ask.

    Returns:
        The path of openapi.json.
    """
    return _write(folder / "openapi.json", openapi_document(*manifests, auth=auth))


def write_postman(folder: Path, *manifests: Manifest, auth: Auth, **variables: str) -> tuple[Path, Path]:
    """Write the collection, and the environment with its secrets left empty.

    Args:
        folder: Where to; it is made where it is missing.
        manifests: Of the bundles that are served.
        auth: How callers show that they may ask.
        variables: `base_url` and `region`, where they are known.

    Returns:
        The paths of the collection and of the environment.
    """
    collection = postman_collection(*manifests, auth=auth)
    environment = postman_environment(*manifests, auth=auth, **variables)
    return (
        _write(folder / "postman_collection.json", collection),
        _write(folder / "postman_environment.json", environment),
    )


def _write(path: Path, document: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(document))
    return path
