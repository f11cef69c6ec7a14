"""The pages about the models: cards and the list of several."""

import html
import re

import msgspec
import pytest

from api import Page, model_pages
from bundle import DataSource, Field, Interval, Manifest, Metrics
from tests.api.two_models import BINARY, REGRESSION
from tests.reference import REFERENCE
from tests.tiny_bundle import tiny_manifest

WHY = "None was deployed: <nobody> wrote one."


def card(manifest: Manifest) -> Page:
    return model_pages(manifest, absent_reports={manifest.name: WHY}).cards[manifest.name]


def text(made: Page) -> str:
    """What a person reads, one line for each element."""
    body = made.body.partition("<main>")[2]
    return html.unescape(re.sub(r"\n+", "\n", re.sub(r"<[^>]+>", "\n", body)))


def test_a_card_says_what_the_manifest_says() -> None:
    manifest = tiny_manifest(
        version="0123456789ab",
        metrics=Metrics(split="the last fifth", values={"roc_auc": 0.71234}),
        data=DataSource(name="a survey", rows=12_345, start="2013-01-01", end="2013-12-31"),
        reference=REFERENCE,
    )

    shown = text(card(manifest)).splitlines()

    assert {"0123456789ab", "“yes” from a probability of 0.5 on", "POST /predict"} <= {*shown}
    assert {"Measured on: the last fifth", "roc_auc", "0.7123"} <= {*shown}
    assert {"a survey", "12,345", "2013-01-01 to 2013-12-31"} <= {*shown}
    assert {"size", "cm", "How large it is. 0 to 100. Example: 3."} <= {*shown}
    assert any("gets a warning" in line for line in shown)
    assert any("end on 2013-12-31" in line for line in shown)
    assert WHY in shown


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (BINARY, "no or yes, with the probability of yes"),
        (REGRESSION, "a number"),
        (msgspec.structs.replace(REGRESSION, interval=Interval(half_width=1, level=0.9, coverage=0.9)),
         "contains 90% of the true values of rows like the test rows"),
        (tiny_manifest(task="multiclass", labels=("a", "b", "c"), positive_label=None, threshold=None),
         "one of 3 labels, with its probability"),
    ],
)  # fmt: skip
def test_a_card_says_what_the_model_answers(manifest: Manifest, sentence: str) -> None:
    assert sentence in text(card(manifest)).splitlines()


def test_texts_of_a_model_are_text_on_the_card() -> None:
    evil = "<script>alert(1)</script>"
    field = Field(name="<b>", type="number", description=evil, example=2.5)

    made = card(tiny_manifest(fields=(field,), data=DataSource(name=evil, rows=1)))

    assert "<script" not in made.body
    assert "<b>" not in made.body
    assert "script-src" not in made.headers["content-security-policy"]
    assert "unsafe" not in made.headers["content-security-policy"]


def test_several_models_have_a_list_and_only_those_without_a_report_a_card() -> None:
    pages = model_pages(BINARY, REGRESSION, absent_reports={REGRESSION.name: WHY})

    assert [*pages.cards] == [REGRESSION.name]
    assert pages.index is not None
    assert re.findall(r'href="model\?model=(\w+)"', pages.index.body) == [BINARY.name, REGRESSION.name]
    assert model_pages(BINARY, absent_reports={}).index is None
