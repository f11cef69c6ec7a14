"""The page as one HTML file, with the response headers that protect it."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from api.error_table import Auth
from api.model_url_paths import JsonObject, api_models
from api.page.model_form import model_form
from bundle import MAX_BODY_BYTES, MAX_ROWS, REQUEST_LIMITS, Manifest

_FOLDER = Path(__file__).parent
# One module, so the names of all files are those of one scope; each file may use those before it.
_SCRIPTS = ("elements.js", "form.js", "prediction.js", "request.js", "table.js", "panel.js", "page.js")


class Page(NamedTuple):
    """The page and its response headers, by name in lower case."""

    headers: dict[str, str]
    body: str


def html_page(*manifests: Manifest, auth: Auth = "key") -> Page:
    """Returns the page of an API: the same for the same manifests.

    Args:
        manifests: Manifests of the models, each of which gets a tab when there are several.
        auth: Authorization of predictions; with AWS signatures the page shows commands instead of asking.
    """
    models = api_models(manifests)
    style = _read("page.css")
    script = "\n".join(map(_read, _SCRIPTS))
    parts = {
        "title": html.escape(_title([model.name for model in models])),
        "style": style,
        "script": script,
        "data": _embedded(
            {
                "auth": auth,
                "limits": {"bytes": MAX_BODY_BYTES, "rows": MAX_ROWS, "sentence": REQUEST_LIMITS},
                "models": [model_form(model) for model in models],
            }
        ),
    }
    return Page(headers=_headers(style=style, script=script), body=_filled(_read("page.html"), parts))


def _headers(*, style: str, script: str) -> dict[str, str]:
    # https://www.w3.org/TR/CSP3/: the text of each element has a hash, and nothing else may run or load.
    policy = {
        "default-src": "'none'",
        "script-src": _hash(script),
        "style-src": _hash(style),
        "img-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        # A deployment of another model changes the page at once.
        "cache-control": "no-cache",
    }


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _title(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ").capitalize() for name in names)


def _embedded(data: JsonObject) -> str:
    """Returns JSON that ends no script element: https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """Replaces each {{name}} of the template; a part may hold such text itself."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
