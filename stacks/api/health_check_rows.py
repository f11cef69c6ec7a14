"""Versions of the models and the rows of their health checks, a file in the invoker's zip."""

import json
from collections.abc import Sequence
from typing import Any

from bundle import Manifest

HEALTH_ROWS_FILE = "models.json"


def health_rows(manifests: Sequence[Manifest]) -> str:
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
