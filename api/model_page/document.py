"""The pages about the models: the card or report of each, and a list of several."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.model_page.model_card import card_sections
from api.model_url_paths import ApiModel, api_models
from api.page.model_form import task_sentence
from api.web.web_page import Page, escaped, title_of_models, web_page
from bundle import Manifest

_FOLDER = Path(__file__).parent
# A report has one style element and charts whose elements have style attributes, which have no hash; it has
# no script, and may load nothing.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True, kw_only=True)
class ModelPages:
    """The pages about the models of an API.

    Attributes:
        cards: Page of each model that has no report of its training, by the model's name.
        index: Page that lists several models; None for one.
    """

    cards: Mapping[str, Page]
    index: Page | None


def model_pages(*manifests: Manifest, absent_reports: Mapping[str, str]) -> ModelPages:
    """Returns the pages: the same for the same manifests.

    Args:
        manifests: Manifests of the models.
        absent_reports: Why a model has no report, as a sentence by the model's name; the others have one.
    """
    models = api_models(manifests)
    cards = {
        model.name: _page(
            f"{title_of_models([model.name])}: the model",
            card_sections(model, report_is_absent=absent_reports[model.name]),
        )
        for model in models
        if model.name in absent_reports
    }
    index = _page("The models", "\n".join(map(_entry, models))) if len(models) > 1 else None
    return ModelPages(cards=cards, index=index)


def _entry(model: ApiModel) -> str:
    return (
        f'<section><h2><a href="model?model={model.name}">'
        f"{escaped(title_of_models([model.name]))}</a></h2>"
        f"<p>It answers: {escaped(task_sentence(model.manifest))}.</p>"
        f"<p>Version {model.manifest.version}.</p></section>"
    )


def _page(title: str, content: str) -> Page:
    return web_page(
        _FOLDER / "model.html",
        {"title": escaped(title), "content": content},
        style=(_FOLDER / "model.css").read_text(encoding="utf-8"),
    )
