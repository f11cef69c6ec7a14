"""Parts of the page that depend on the answer or on the API: warnings, reasons, intervals, AWS signatures."""

from urllib.parse import parse_qs, urlsplit

import msgspec

from api import html_page
from tests.api.two_models import BINARY, REGRESSION
from tests.e2e.page.canned_api import serve_page
from tests.e2e.page.conftest import Open
from tests.reference import REFERENCE

REASONS = [
    {"field": "size", "value": 3, "contribution": 0.4, "sentence": "It is larger than most."},
    {"field": "kind", "value": None, "contribution": -0.1, "sentence": "The kind is not known."},
    {
        "field": "weather",
        "value": {"wind": 3, "rain": 0},
        "contribution": 0.0512,
        "sentence": "wind 3, rain 0.",
    },
]
WARNINGS = [{"field": "size", "rule": "far", "sentence": "No row of the training data is as large."}]
MODEL = {"name": "first_one", "version": "0123456789ab"}
PREDICTION = {"label": "yes", "probability": 0.75}


def test_an_answer_shows_its_warnings_and_reasons(visit: Open, axe: str) -> None:
    prediction = {**PREDICTION, "warnings": WARNINGS, "reasons": REASONS}
    made = html_page(msgspec.structs.replace(BINARY, reference=REFERENCE))
    with serve_page(made, {"predictions": [prediction], "model": MODEL}) as url:
        person = visit(url)
        with person.page.expect_request("**/predict?*") as asked:
            person.predict("key")

        assert parse_qs(urlsplit(asked.value.url).query) == {"reasons": ["4"]}
        warning = person.page.get_by_role("list", name="Warnings").inner_text()
        assert warning == "Size: No row of the training data is as large."
        raised, lowered = (
            person.page.locator(".reasons .fill").nth(place).bounding_box() for place in (0, 1)
        )
        assert raised is not None
        assert lowered is not None
        # The bars start at the same line and go to both sides.
        assert abs(raised["x"] - lowered["x"] - lowered["width"]) < 2
        assert abs(raised["width"] - 4 * lowered["width"]) < 2
        assert person.page.get_by_text("It is larger than most.").is_visible()
        assert person.page.get_by_role("img", name="Kind: \u22120.1").is_visible()
        # Several fields that are one reason have no value of their own.
        assert person.page.locator(".reasons li").nth(2).inner_text().splitlines()[0] == "Weather"
        assert person.page.get_by_role("img", name="Weather: +0.051").is_visible()
        assert person.violations(axe) == []
        person.picture("reasons")


def test_no_reasons_are_asked_for_where_the_api_has_none(visit: Open) -> None:
    with serve_page(html_page(BINARY), {"predictions": [PREDICTION], "model": MODEL}) as url:
        person = visit(url)
        with person.page.expect_request("**/predict") as asked:
            person.predict("key")

        assert urlsplit(asked.value.url).query == ""
        assert person.page.get_by_role("list", name="Warnings").count() == 0


def test_the_page_asks_at_the_root_of_a_custom_domain(visit: Open) -> None:
    with serve_page(html_page(BINARY), {"predictions": [PREDICTION], "model": MODEL}) as url:
        person = visit(url.removesuffix("v1/"))
        with person.page.expect_request("**/predict") as asked:
            person.predict("key")

        assert urlsplit(asked.value.url).path == "/predict"


def test_a_regression_shows_its_interval(visit: Open) -> None:
    prediction = {"value": 1234.5, "interval": {"low": 1000, "high": 1500.25}}
    with serve_page(html_page(REGRESSION), {"predictions": [prediction], "model": MODEL}) as url:
        person = visit(url)
        lines = person.predict("key").inner_text().splitlines()

        assert "1,234.5" in lines
        assert "Interval: 1,000 to 1,500.25." in lines


def test_with_aws_signatures_the_page_says_how_to_ask(visit: Open, axe: str) -> None:
    with serve_page(html_page(BINARY, auth="iam")) as url:
        person = visit(url)

        command = person.page.get_by_role("region", name="curl command for this row").inner_text()
        assert f"curl -s '{url}predict'" in command
        assert '--aws-sigv4 "aws:amz:$AWS_REGION:execute-api"' in command
        assert "x-api-key" not in command
        assert person.page.get_by_role("button", name="Predict").count() == 0
        assert person.key.count() == 0
        assert person.page.locator("input[type=file]").count() == 0
        assert person.violations(axe) == []
        person.picture("signed")
