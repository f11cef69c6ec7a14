"""Files in the invoker's zip that follow from models and settings."""

import json
from collections.abc import Sequence
from typing import Any

from api import html_page, openapi_document
from bundle import Manifest
from stacks.settings.settings import Settings


def invoker_files(manifests: Sequence[Manifest], settings: Settings) -> dict[str, str]:
    """Returns the text of each file by its name; the function finds them beside its code."""
    description = openapi_document(*manifests, auth=settings.auth, has_page=settings.has_page)
    files = {
        "openapi.json": json.dumps(description, ensure_ascii=False),
        "models.json": _health_rows(manifests),
    }
    if settings.has_page:
        files["page.json"] = json.dumps(
            html_page(*manifests, auth=settings.auth)._asdict(), ensure_ascii=False
        )
    return files


def _health_rows(manifests: Sequence[Manifest]) -> str:
    """Returns the version and the shortest golden row of each model, as JSON by the model's name.

    A file and not an environment variable, because a row has as many columns as the model, and the
    environment of a function holds 4 KB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    models = {
        manifest.name: {"version": manifest.version, "instance": _shortest_row(manifest)}
        for manifest in manifests
    }
    return json.dumps(models, ensure_ascii=False)


def _shortest_row(manifest: Manifest) -> dict[str, Any]:
    return min((golden.instance for golden in manifest.golden), key=lambda row: len(json.dumps(row)))
