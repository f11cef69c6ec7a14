"""Files in the invoker's zip that follow from models and settings."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from api import REPORT_POLICY, docs_page, html_page, model_pages, openapi_document, page_headers
from bundle import Manifest
from stacks.api.docs_viewer import read_viewer
from stacks.settings.settings import Settings
from stacks.storage.model_report import ModelReport, Reports

# Links at the beginning of a report, as on the other pages.
_REPORT_BEGINNING = (
    '<main><nav aria-label="API" style="margin-bottom: 1.5rem"><a href="./">Ask the model</a> '
    '<a href="docs">Try the API</a> '
    '<a href="openapi.json">OpenAPI document</a> <a href="health">Health</a></nav>'
)

_NO_REPORT = "None was deployed with this version."


def invoker_files(manifests: Sequence[Manifest], *, reports: Reports, settings: Settings) -> dict[str, str]:
    """Returns the text of each file by its name; the function finds them beside its code.

    Raises:
        SettingsError: The viewer of the page /docs is not installed.
    """
    files = {"openapi.json": openapi_document(*manifests, auth=settings.auth, has_page=settings.has_page)}
    if len(manifests) > 1:
        files["models.json"] = _health_rows(manifests)
    if settings.has_page:
        names = [manifest.name for manifest in manifests]
        files |= {
            "page.json": html_page(*manifests, auth=settings.auth)._asdict(),
            "docs.json": docs_page(names, viewer=read_viewer(), auth=settings.auth)._asdict(),
            "model.json": _pages_of_models(manifests, reports),
        }
    return {name: json.dumps(content, ensure_ascii=False) for name, content in files.items()}


def _pages_of_models(manifests: Sequence[Manifest], reports: Reports) -> dict[str, Any]:
    """Returns the card of each model, or where its report is and how the page differs from it.

    A single model has both: its report is that of the version that serves, which may have none.
    """
    absent = {name: found for name, found in reports.items() if isinstance(found, str)}
    if len(manifests) == 1:
        absent = {name: absent.get(name, _NO_REPORT) for name in reports}
    pages = model_pages(*manifests, absent_reports=absent)
    models = {}
    for name, found in reports.items():
        models[name] = pages.cards[name]._asdict() if name in absent else {}
        if len(manifests) == 1:
            models[name] |= {"version": manifests[0].version, "report": _report({})}
        elif isinstance(found, ModelReport):
            models[name]["report"] = _report({"key": found.key})
    return {"index": pages.index._asdict() if pages.index else None, "models": models}


def _report(place: Mapping[str, str]) -> dict[str, Any]:
    headers = page_headers(REPORT_POLICY, "")
    # The invoker tags what it has read.
    del headers["etag"]
    return {**place, "beginning": _REPORT_BEGINNING, "headers": headers}


def _health_rows(manifests: Sequence[Manifest]) -> dict[str, Any]:
    """Returns the version and the shortest golden row of each of several models, by the model's name.

    A file and not an environment variable, because a row has as many columns as the model, and the
    environment of a function holds 4 KB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    The row of a single model is that of the version that serves: it is in the manifest beside the bundle.
    """
    return {
        manifest.name: {"version": manifest.version, "instance": _shortest_row(manifest)}
        for manifest in manifests
    }


def _shortest_row(manifest: Manifest) -> dict[str, Any]:
    return min((golden.instance for golden in manifest.golden), key=lambda row: len(json.dumps(row)))
