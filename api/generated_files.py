"""Files of the documents for clients."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.error_table import Auth
from api.openapi.document import openapi_document
from api.postman.collection import postman_collection, postman_environment
from bundle import Manifest


def encode(document: Mapping[str, Any]) -> bytes:
    """Returns a document as indented JSON in UTF-8."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def write_openapi(folder: Path, *manifests: Manifest, auth: Auth, has_page: bool = True) -> Path:
    """Writes openapi.json.

    Args:
        folder: Folder to write to; it is created if it is missing.
        manifests: Manifests of the models.
        auth: Authorization of callers.
        has_page: Whether the API has the page for people.

    Returns:
        The path of the file.
    """
    return _write(folder / "openapi.json", openapi_document(*manifests, auth=auth, has_page=has_page))


def write_postman(folder: Path, *manifests: Manifest, auth: Auth, **variables: str) -> tuple[Path, Path]:
    """Writes the Postman collection, and its environment without values for secrets.

    Args:
        folder: Folder to write to; it is created if it is missing.
        manifests: Manifests of the models.
        auth: Authorization of callers.
        variables: `base_url` and `region` of a deployed API.

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
