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

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from .problem import ProblemError
from .proxy_event import ProxyRequest, ProxyResponse

_FILES = {"/": "page.json", "/docs": "docs.json"}
# Two attempts take at most 8 seconds, less than the deadline of a request.
_CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
# Reports that are kept in memory, of 6 MB at most each.
_KEPT_REPORTS = 4


def respond(request: ProxyRequest) -> ProxyResponse:
    """Returns the page of a path, or only its headers if the client has the same page.

    Raises:
        ProblemError: There is no such model, or its report cannot be read.
    """
    page = _page_of_model(request) if request.resource == "/model" else _read(_FILES[request.resource])
    if request.header("if-none-match") == page["headers"]["etag"]:
        return ProxyResponse(304, page["headers"])
    return ProxyResponse(200, page["headers"], page["body"])


@functools.cache
def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return content


def _page_of_model(request: ProxyRequest) -> Mapping[str, Any]:
    pages = _read("model.json")
    models: Mapping[str, Mapping[str, Any]] = pages["models"]
    index: Mapping[str, Any] | None = pages["index"]
    asked = request.parameter("model")
    if not asked and index:
        return index
    found = [name for name in models if asked in ([name], [])]
    if len(found) != 1:
        raise ProblemError("refused", f"The parameter model must be one of the models: {', '.join(models)}.")
    return _report(found[0]) if "report" in models[found[0]] else models[found[0]]


@functools.lru_cache(maxsize=_KEPT_REPORTS)
def _report(name: str) -> dict[str, Any]:
    """Returns the report of a training, from the artifact bucket, with the links of the pages."""
    model = _read("model.json")["models"][name]
    try:
        s3 = Session().create_client("s3", config=_CONFIG)
        found = s3.get_object(Bucket=os.environ["ARTIFACT_BUCKET"], Key=model["report"])
        text = found["Body"].read().decode()
    except (BotoCoreError, ClientError) as error:
        raise ProblemError(
            "host_failed",
            "The report of this model could not be read from the artifact bucket.",
            evidence={"error": str(error), "key": model["report"]},
        ) from error
    return {"headers": model["headers"], "body": text.replace("<main>", model["beginning"], 1)}
