"""The page as a file: its size, its policy, and what it says of the models."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from api import Page, html_page
from api.model_url_paths import ApiModel
from api.page.model_form import model_form
from bundle import MAX_BODY_BYTES, MAX_ROWS, Field, Golden, Manifest
from tests.api.two_models import BINARY, REGRESSION
from tests.tiny_bundle import tiny_manifest, tiny_quantiles
from training.model_catalog import load_model

MODELS = ("flight_delay", "iris", "churn", "line", "reviews")
LIMIT = 80_000


class Elements(HTMLParser):
    """The texts of the elements script and style, by their type."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, str] = {}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = str(dict(attrs).get("type", tag)) if tag in ("script", "style") else ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open] = self.texts.get(self._open, "") + data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the signature
        self._open = ""


def data(made: Page) -> Any:
    return json.loads(Elements(made.body).texts["application/json"])


def manifest(name: str) -> Manifest:
    """A manifest with the fields of a model of the project, and the example as its golden row."""
    model = load_model(name)
    row = {field.name: field.example for field in model.fields}
    return tiny_manifest(
        name=name,
        task=model.task,
        fields=model.fields,
        labels=tuple(model.labels),
        positive_label=model.labels[-1] if model.task == "binary" else None,
        threshold=0.5 if model.task == "binary" else None,
        golden=(Golden(instance=row, prediction={}),) * 4,
    )


def test_the_page_of_all_five_models_is_small() -> None:
    made = html_page(*map(manifest, MODELS))

    assert len(made.body.encode()) < LIMIT
    assert [model["name"] for model in data(made)["models"]] == [*MODELS]


def test_only_the_pages_own_script_and_style_may_run_and_only_its_own_host_is_asked() -> None:
    made = html_page(BINARY)
    texts = Elements(made.body).texts
    policy = dict(part.split(" ", 1) for part in made.headers["content-security-policy"].split("; "))

    def of(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert policy["script-src"] == of(texts["module"])
    assert policy["style-src"] == of(texts["style"])
    assert (policy["default-src"], policy["connect-src"]) == ("'none'", "'self'")
    assert "unsafe" not in made.headers["content-security-policy"]
    assert re.findall(r"""(?:src|href)=["']?(?:\w+:)?//""", made.body) == []
    assert (
        re.search(
            r"""\sstyle=|\son\w+=["']""", re.sub(r"<script.*?</script>", "", made.body, flags=re.DOTALL)
        )
        is None
    )


def test_texts_of_a_model_are_text_on_the_page() -> None:
    evil = "</script><script>alert(1)</script><!-- {{script}}"
    field = Field(name="width", type="number", description=evil, example=2.5)

    made = html_page(tiny_manifest(fields=(field,), golden=(Golden(instance={"width": 1}, prediction={}),)))

    assert "alert(1)</script>" not in made.body
    assert data(made)["models"][0]["fields"][0]["hint"].startswith(evil)
    assert made.body.count("<script") == 2


def test_a_request_asks_only_for_what_the_description_of_the_api_has() -> None:
    binary, regression = data(html_page(BINARY, REGRESSION))["models"]

    assert binary["parameters"] == ["on_error", "probabilities", "threshold"]
    assert regression["parameters"] == ["on_error"]
    assert (binary["path"], regression["path"]) == ("first_one/predict", "second/predict")


def test_the_limits_are_those_of_the_api() -> None:
    limits = data(html_page(BINARY))["limits"]

    assert (limits["rows"], limits["bytes"]) == (MAX_ROWS, MAX_BODY_BYTES)


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        (Field(name="x", type="number", minimum=1, maximum=12_500, description="How far.", example=2),
         "How far. 1 to 12,500. Example: 2."),
        (Field(name="x", type="integer", minimum=0, description="How many.", example=2),
         "How many. At least 0. Example: 2."),
        (Field(name="x", type="date", earliest="2013-01-01", description="When.", example="2014-01-01"),
         "When. From 2013-01-01 on. Example: 2014-01-01."),
        (Field(name="x", type="string", differs_from="y", description="To where.", example="B"),
         "To where. It must differ from y. Example: B."),
        (Field(name="x", type="boolean", description="Whether.", example=True), "Whether. Example: yes."),
    ],
)  # fmt: skip
def test_the_hint_of_a_field_has_its_rules_and_an_example(field: Field, hint: str) -> None:
    fields = (field, Field(name="y", type="string", required=False, description="From where.", example="A"))

    made = html_page(tiny_manifest(fields=fields))

    assert data(made)["models"][0]["fields"][0]["hint"] == hint


def test_known_values_of_a_field_are_those_of_the_examples() -> None:
    fields = (
        Field(name="kind", type="string", description="Of what.", example="ant"),
        Field(name="colour", type="string", values=("red", "blue"), description="Which.", example="red"),
    )
    golden = [Golden(instance={"kind": kind, "colour": "red"}, prediction={}) for kind in ("bee", "ant")]

    kind, colour = data(html_page(tiny_manifest(fields=fields, golden=tuple(golden))))["models"][0]["fields"]

    assert kind["known"] == ["ant", "bee"]
    assert (colour["values"], "known" in colour) == (["red", "blue"], False)


def test_the_same_models_have_the_same_page() -> None:
    one, other = (Manifest.decode(BINARY.encode()) for _ in range(2))

    assert html_page(one, auth="iam") == html_page(other, auth="iam")


def test_the_form_of_a_model_with_a_second_target_names_it() -> None:
    plain, second = (
        model_form(ApiModel(manifest=manifest, path="/predict", prefix=""))
        for manifest in (tiny_manifest(), tiny_manifest(quantiles=tiny_quantiles()))
    )

    assert "quantiles" not in plain
    assert second["quantiles"] == {
        "name": "minutes",
        "unit": "minutes",
        "title": "The time that it takes",
        "coverage": "80%",
    }
    assert "minutes" in second["parameters"]
