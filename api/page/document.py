"""The page for people: the forms of the models, as one HTML file."""

from pathlib import Path

from api.error_table import Auth
from api.model_url_paths import api_models
from api.page.model_form import model_form
from api.web.web_page import Page, data_of_page, escaped, title_of_models, web_page
from bundle import MAX_BODY_BYTES, MAX_ROWS, REQUEST_LIMITS, Manifest

_FOLDER = Path(__file__).parent
_SCRIPTS = ("form.js", "prediction.js", "request.js", "table.js", "model_panel.js", "page.js")


def html_page(*manifests: Manifest, auth: Auth = "key") -> Page:
    """Returns the page of an API: the same for the same manifests.

    Args:
        manifests: Manifests of the models, each of which gets a tab when there are several.
        auth: Authorization of predictions; with AWS signatures the page shows commands instead of asking.
    """
    models = api_models(manifests)
    return web_page(
        _FOLDER / "page.html",
        {"title": escaped(title_of_models([model.name for model in models]))},
        style=(_FOLDER / "page.css").read_text(encoding="utf-8"),
        scripts=[_FOLDER / name for name in _SCRIPTS],
        data={
            **data_of_page("", auth),
            "limits": {"bytes": MAX_BODY_BYTES, "rows": MAX_ROWS, "sentence": REQUEST_LIMITS},
            "models": [model_form(model) for model in models],
        },
    )
