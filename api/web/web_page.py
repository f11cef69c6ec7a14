"""Pages as one HTML file each, with the response headers that protect them."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from api.error_table import Auth

_FOLDER = Path(__file__).parent
# Beginning of each page with a script.
_SCRIPTS = ("elements.js", "key.js")


class Page(NamedTuple):
    """A page and its response headers, by name in lower case."""

    headers: dict[str, str]
    body: str


def web_page(
    template: Path,
    parts: Mapping[str, str],
    *,
    style: str,
    scripts: Sequence[Path] = (),
    data: Mapping[str, Any] | None = None,
    later: tuple[str, str] | None = None,
) -> Page:
    """Returns a page.

    Args:
        template: HTML with {{name}} for each part, and for `base_style`, `style`, `script` and `data`.
        parts: HTML of the parts by name.
        style: Style of this page, after that of all pages.
        scripts: Files of its script, one module, in which each file may use those before it.
        data: Data that the script reads.
        later: Texts of a style and of a script that the page's own script inserts.
    """
    style = (_FOLDER / "base.css").read_text(encoding="utf-8") + style
    shared = [_FOLDER / name for name in _SCRIPTS] if scripts else []
    script = "\n".join(path.read_text(encoding="utf-8") for path in (*shared, *scripts))
    later_style, later_script = ([text] for text in later) if later else ([], [])
    body = _filled(
        template.read_text(encoding="utf-8"),
        {**parts, "style": style, "script": script, "data": embedded(data or {})},
    )
    policy = _policy(styles=[style, *later_style], scripts=[script, *later_script] if scripts else [])
    return Page(headers=page_headers(policy, body), body=body)


def page_headers(policy: str, body: str) -> dict[str, str]:
    """Returns the headers of a page with a Content-Security-Policy."""
    return {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        # A deployment of another model changes the page at once; an unchanged page is not sent again.
        "cache-control": "no-cache",
        "etag": f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"',
    }


def title_of_models(names: Sequence[str]) -> str:
    """Returns the names of models as words, such as "First model, Second"."""
    return ", ".join(name.replace("_", " ").capitalize() for name in names)


def escaped(value: object) -> str:
    """Returns a value as text of HTML."""
    return html.escape(str(value))


def embedded(data: Mapping[str, Any]) -> str:
    """Returns JSON that ends no script element: https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def data_of_page(place: str, auth: Auth) -> dict[str, Any]:
    """Returns the configuration of a page's script: the path below the API's root, and the authorization."""
    return {"place": place, "auth": auth}


def _policy(*, styles: Sequence[str], scripts: Sequence[str]) -> str:
    # https://www.w3.org/TR/CSP3/: the text of each element has a hash, and nothing else may run or load.
    policy = {
        "default-src": "'none'",
        **({"script-src": _hashes(scripts), "connect-src": "'self'"} if scripts else {}),
        "style-src": _hashes(styles),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _hashes(texts: Sequence[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """Replaces each {{name}} of the template; a part may hold such text itself."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)
