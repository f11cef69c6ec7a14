"""The page of the API's document: the viewer Swagger UI, as one HTML file."""

import base64
import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from api.error_table import Auth
from api.web.web_page import Page, data_of_page, escaped, title_of_models, web_page

_FOLDER = Path(__file__).parent


class Viewer(NamedTuple):
    """The viewer of OpenAPI documents: the texts of its style and of its script."""

    style: str
    script: str


def docs_page(models: Sequence[str], *, viewer: Viewer, auth: Auth = "key") -> Page:
    """Returns the page; its script asks the API for the document.

    API Gateway hands on a compressed body only where it treats all bodies as binary, those of predictions
    too. So the page has the viewer compressed inside itself, a third as large, and its script unpacks it:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html

    Args:
        models: Names of the API's models.
        viewer: The viewer, which the page inserts as it is: the policy has the hashes of its texts.
        auth: Authorization of predictions; with AWS signatures only the open paths can be tried.
    """
    return web_page(
        _FOLDER / "docs.html",
        {
            "title": escaped(title_of_models(models)),
            "viewer_style": _compressed(viewer.style),
            "viewer_script": _compressed(viewer.script),
        },
        style=(_FOLDER / "docs.css").read_text(encoding="utf-8"),
        scripts=[_FOLDER / "docs.js"],
        data=data_of_page("docs/", auth),
        later=viewer,
    )


def _compressed(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
