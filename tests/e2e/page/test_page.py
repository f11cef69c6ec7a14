"""The page of a deployed model, as a person meets it in a browser."""

from urllib.parse import parse_qs, urlsplit

import pytest

from local.deployments.deployment import Deployment
from tests.e2e.page.conftest import Open
from tests.e2e.support.tiny_stack import TinyStack


@pytest.fixture(scope="module")
def service(tiny_stack: TinyStack) -> Deployment:
    return tiny_stack.service


@pytest.fixture(scope="module")
def url(service: Deployment) -> str:
    return f"{service.api_url}/"


def test_the_example_of_the_form_gets_its_prediction(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url)

    assert person.field("Size").input_value() == "0"
    answer = person.predict(service.api_key).inner_text()

    assert "yes" in answer.splitlines()
    assert "Probability of yes: 50.0 %" in answer
    assert "yes from 50.0 % on" in answer
    assert service.outputs["ModelVersion"] in answer
    assert person.page.get_by_role("status").first.inner_text().startswith("Prediction: yes.")


def test_the_address_works_without_its_last_slash(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url.rstrip("/"))

    assert person.predict(service.api_key).count() == 1
    assert (
        person.page.get_by_role("link", name="OpenAPI document").get_attribute("href") == f"{url}openapi.json"
    )


@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "Type the API key first."), ("no", "The API refused this key")]
)
def test_a_missing_or_wrong_key_is_an_error_of_the_key(
    visit: Open, url: str, typed: str, sentence: str
) -> None:
    person = visit(url)

    person.key.fill(typed)
    person.press("Predict")

    person.page.get_by_role("alert").filter(has_text=sentence).wait_for()
    assert person.key.evaluate("input => document.activeElement === input")
    assert person.key.get_attribute("aria-invalid") == "true"


def test_the_key_stays_in_the_tab_and_is_in_no_address(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url)
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))

    person.predict(service.api_key)
    person.page.reload()
    kept = person.key.input_value()
    stored = person.page.evaluate("[JSON.stringify(localStorage), document.cookie, location.href]")
    person.press("Forget the key")
    person.page.reload()

    assert kept == service.api_key
    assert person.key.input_value() == ""
    assert stored[:2] == ["{}", ""]
    assert not [address for address in (*asked, stored[2]) if service.api_key in address]
    assert service.api_key not in person.page.get_by_label("Link to this form").input_value()


def test_an_error_is_next_to_its_field(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url)
    person.field("Size").fill("huge")
    person.field("Kind").fill("ANT!")
    person.key.fill(service.api_key)
    person.press("Predict")

    person.page.get_by_text("correct the marked fields").wait_for()
    size = person.field("Size")
    described = (size.get_attribute("aria-describedby") or "").split()
    assert size.get_attribute("aria-invalid") == "true"
    assert person.page.locator(f"#{described[0]}").inner_text().startswith("Size must be")
    assert size.evaluate("input => document.activeElement === input")
    assert person.field("Kind").get_attribute("aria-invalid") == "true"

    # And a field that has been corrected is wrong no more
    person.field("Size").fill("1")
    assert person.field("Size").get_attribute("aria-invalid") is None


def test_a_required_field_that_is_empty_is_named(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url)
    person.key.fill(service.api_key)
    person.press("Empty the form")
    person.press("Predict")

    person.page.get_by_text("Size is required").wait_for()


def test_what_if_shows_both_answers(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url)
    person.predict(service.api_key)
    person.press("What if?")

    person.field("Size").fill("1")
    person.field("Size").press("Tab")
    person.page.get_by_role("heading", name="With another value of Size").wait_for()

    before, now = person.answers.all_inner_texts()
    assert "50.0 %" in before
    assert "73.1 %" in now
    assert person.page.locator(".difference").inner_text() == "Difference: +23.1 percentage points."
    assert person.page.get_by_text("Was 0.").is_visible()
    person.picture("what_if")

    person.press("Stop comparing")
    assert person.answers.count() == 1


def test_the_link_fills_the_form_in_elsewhere(visit: Open, url: str) -> None:
    person = visit(url)
    person.field("Size").fill("2.5")
    person.field("Day").fill("2024-01-31")
    link = person.page.get_by_label("Link to this form").input_value()

    other = visit(link)

    fragment = urlsplit(link).fragment
    assert fragment.startswith("tiny?")
    assert parse_qs(fragment.removeprefix("tiny?")) == {
        "size": ["2.5"], "day": ["2024-01-31"], "at": ["17:45"], "kind": ["ant"]
    }  # fmt: skip
    assert [other.field(name).input_value() for name in ("Size", "Count", "Day", "At", "Kind")] == [
        "2.5", "", "2024-01-31", "17:45", "ant"
    ]  # fmt: skip


def test_the_command_is_the_same_request(visit: Open, url: str) -> None:
    person = visit(url)
    person.field("Kind").fill("it's")
    person.page.get_by_text("The same request as curl").first.click()

    command = person.page.get_by_role("region", name="curl command for this row").inner_text()

    assert f"curl -s '{url}predict'" in command
    assert '-H "x-api-key: $KEY"' in command
    assert "it'\\''s" in command


ROWS = 'size,kind\r\n0,ant\r\n"1",bee\r\n101,ant\r\n'


def test_the_rows_of_a_csv_file_are_answered_as_a_table(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url)
    person.key.fill(service.api_key)
    person.sends("rows.csv", ROWS)

    person.page.get_by_text("3 rows of rows.csv answered. 1 of them is wrong").wait_for()
    table = person.page.get_by_role("table")
    assert table.get_by_role("columnheader").all_inner_texts() == [
        "size",
        "kind",
        "label",
        "probability",
        "error",
    ]
    assert table.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts() == [
        "0",
        "ant",
        "yes",
        "0.5",
        "",
    ]
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name="Download all 3 rows").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["size,kind,label,probability,error", "0,ant,yes,0.5,"]
    assert lines[3].startswith("101,ant,,,")
    assert "size" in lines[3].split(",", 4)[4]


def test_a_dropped_file_is_answered(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url)
    person.key.fill(service.api_key)
    dropped = person.page.evaluate_handle(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["size\\n0\\n"], "dropped.csv"));
            return data;
        }"""
    )

    person.page.get_by_role("region", name="Many rows").dispatch_event("drop", {"dataTransfer": dropped})

    person.page.get_by_text("1 row of dropped.csv answered.").wait_for()


def test_rows_without_a_header_are_answered_too(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url)
    person.key.fill(service.api_key)
    person.sends("plain.csv", '0,,,,"ant"\n1,,,,bee')

    person.page.get_by_text("2 rows of plain.csv answered.").wait_for()
    headers = person.page.get_by_role("table").get_by_role("columnheader").all_inner_texts()
    assert headers == ["size", "count", "day", "at", "kind", "label", "probability", "error"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("size\n" + "0\n" * 1001, "1,000 rows"),
        ("size\n" + "0" * 1_048_576, "split the file"),
        ("size,width\n1,2\n", "The header of the CSV is wrong"),
    ],
)
def test_a_file_that_the_api_refuses_has_the_reason(
    visit: Open, url: str, service: Deployment, text: str, sentence: str
) -> None:
    person = visit(url)
    person.key.fill(service.api_key)
    person.sends("rows.csv", text)

    person.page.get_by_role("status").filter(has_text=sentence).wait_for()
    assert person.page.get_by_role("table").count() == 0


def test_the_keyboard_alone_is_enough(visit: Open, url: str, service: Deployment) -> None:
    person = visit(url)
    keyboard = person.page.keyboard
    for _ in ("About the model", "Try the API", "OpenAPI document", "Health", "the key"):
        keyboard.press("Tab")
    keyboard.type(service.api_key)
    keyboard.press("Enter")
    person.answers.first.wait_for()

    person.page.get_by_role("button", name="What if?").focus()
    keyboard.press("Enter")
    keyboard.press("Control+A")
    keyboard.type("1")
    keyboard.press("Enter")

    person.page.get_by_role("heading", name="With another value of Size").wait_for()


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 375), ("dark", 375)]
)
def test_no_state_of_the_page_violates_a_rule_of_accessibility(
    visit: Open, url: str, service: Deployment, axe: str, scheme: str, width: int
) -> None:
    person = visit(url, scheme=scheme, width=width)
    assert person.violations(axe) == []

    person.predict(service.api_key)
    for summary in person.page.locator("summary").all():
        summary.click()
    person.press("What if?")
    person.field("Size").fill("-1")
    person.field("Size").press("Tab")
    person.sends("rows.csv", ROWS)
    person.page.get_by_text("correct the marked fields").wait_for()
    person.page.get_by_role("table").wait_for()

    assert person.violations(axe) == []
    assert person.page.evaluate("document.documentElement.scrollWidth") == width
    person.picture(f"page_{scheme}_{width}")
