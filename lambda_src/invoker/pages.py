"""Pages for people: the forms of the models, the API's document, and the card or report of a model.

The handler imports this module at the first request for a page, and each file is read at the first request
that needs it: a cold start for a prediction loads none of them.
"""

import functools
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .artifact_bucket import AbsentError, read_artifact, tag_of, version_file
from .model_call import Deadline
from .problem import ProblemError
from .proxy_event import ProxyRequest, ProxyResponse

_FILES = {"/": "page.json", "/docs": "docs.json"}
# Reports that are kept in memory, of 6 MB at most each.
_KEPT_REPORTS = 4
_reports: dict[str, Mapping[str, Any]] = {}


def respond(request: ProxyRequest, deadline: Deadline) -> ProxyResponse:
    """Returns the page of a path, or only its headers if the client has the same page.

    Raises:
        ProblemError: There is no such model, or its report cannot be read.
    """
    is_model = request.resource == "/model"
    page = _page_of_model(request, deadline) if is_model else _read(_FILES[request.resource])
    if request.header("if-none-match") == page["headers"]["etag"]:
        return ProxyResponse(304, page["headers"])
    return ProxyResponse(200, page["headers"], page["body"])


@functools.cache
def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return content


def _page_of_model(request: ProxyRequest, deadline: Deadline) -> Mapping[str, Any]:
    pages = _read("model.json")
    models: Mapping[str, Mapping[str, Any]] = pages["models"]
    index: Mapping[str, Any] | None = pages["index"]
    asked = request.parameter("model")
    if not asked and index:
        return index
    found = [name for name in models if asked in ([name], [])]
    if len(found) != 1:
        raise ProblemError("refused", f"The parameter model must be one of the models: {', '.join(models)}.")
    model = models[found[0]]
    try:
        return _report(model["report"], deadline) if "report" in model else model
    except AbsentError as absent:
        if "body" not in model:
            raise
        print(absent.log_record(request.id))
        return _card(model)


def _report(report: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]:
    """Returns the report of a training, from the artifact bucket, with the links of the pages."""
    key = report["key"] if "key" in report else version_file("report.html")
    if key not in _reports:
        text = read_artifact(key, deadline).decode()
        body = text.replace("<main>", report["beginning"], 1)
        while len(_reports) >= _KEPT_REPORTS:
            _reports.pop(next(iter(_reports)))
        _reports[key] = _tagged(report["headers"], body)
    return _reports[key]


def _card(model: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the card of the deployed bundle, which says so when another version serves."""
    serving = os.environ["MODEL_VERSION"]
    if serving == model["version"]:
        return model
    note = (
        f"<main><p>Version {serving} serves, and has no report. This is the card of version "
        f"{model['version']}, with which the API was deployed.</p>"
    )
    return _tagged(model["headers"], model["body"].replace("<main>", note, 1))


def _tagged(headers: Mapping[str, str], body: str) -> Mapping[str, Any]:
    return {"headers": {**headers, "etag": tag_of(body)}, "body": body}
