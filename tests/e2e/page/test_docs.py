"""The page of the API's document, as a person meets it in a browser."""

import pytest
from playwright.sync_api import Locator

from api import docs_page, openapi_document
from local.deployments.deployment import Deployment
from stacks.api.docs_viewer import read_viewer
from tests.api.two_models import BINARY
from tests.e2e.page.canned_api import serve_page
from tests.e2e.page.conftest import Open, Scheme
from tests.e2e.page.visit import Visit
from tests.e2e.support.tiny_stack import TinyStack


@pytest.fixture(scope="module")
def service(tiny_stack: TinyStack) -> Deployment:
    return tiny_stack.service


@pytest.fixture(scope="module")
def url(service: Deployment) -> str:
    return f"{service.api_url}/docs"


def operation(person: Visit, method: str, path: str) -> Locator:
    """An operation of the document, opened."""
    found = person.page.locator(f".opblock-{method}").filter(has=person.page.locator(f"[data-path='{path}']"))
    found.locator(".opblock-summary").click()
    return found


def test_a_prediction_can_be_tried_with_the_key_which_is_in_no_text(
    visit: Open, url: str, service: Deployment
) -> None:
    person = visit(url)
    person.key.fill(service.api_key)
    predict = operation(person, "post", "/predict")

    with person.page.expect_request("**/predict?*") as asked:
        predict.get_by_role("button", name="Execute").click()
    answer = predict.locator(".live-responses-table .response")
    answer.wait_for()

    assert asked.value.url.startswith(f"{service.url}?")
    assert asked.value.headers["x-api-key"] == service.api_key
    assert '"label": "yes"' in answer.inner_text()
    assert "x-api-key: KEY" in predict.locator(".curl").inner_text()
    assert service.api_key not in person.page.locator("body").inner_text() + person.page.url + asked.value.url


@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "Type the API key first."), ("no", "The API refused this key.")]
)
def test_a_missing_or_wrong_key_is_an_error_of_the_key(
    visit: Open, url: str, typed: str, sentence: str
) -> None:
    person = visit(url)
    person.key.fill(typed)
    predict = operation(person, "post", "/predict")
    predict.get_by_role("button", name="Execute").click()

    person.page.get_by_role("alert").filter(has_text=sentence).wait_for()
    assert person.key.get_attribute("aria-invalid") == "true"
    assert "403" in predict.locator(".live-responses-table").inner_text()


def test_the_key_that_was_typed_on_the_page_is_there(visit: Open, url: str, service: Deployment) -> None:
    person = visit(f"{service.api_url}/")
    person.key.fill(service.api_key)

    person.page.get_by_role("link", name="Try the API").click()
    person.page.wait_for_url(url)

    assert person.key.input_value() == service.api_key


def test_the_document_has_the_address_of_the_api_and_open_paths_need_no_key(
    visit: Open, url: str, service: Deployment
) -> None:
    person = visit(url)
    health = operation(person, "get", "/health")
    health.get_by_role("button", name="Execute").click()

    health.locator(".live-responses-table").get_by_text('"status": "ok"').wait_for()
    assert person.page.locator(".servers").inner_text().startswith(service.api_url)
    assert person.page.get_by_role("button", name="Authorize").count() == 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_the_page_is_as_wide_as_the_screen_and_our_part_violates_no_rule_of_accessibility(
    visit: Open, url: str, service: Deployment, axe: str, scheme: Scheme, width: int
) -> None:
    person = visit(url, scheme=scheme, width=width)
    person.key.fill(service.api_key)
    predict = operation(person, "post", "/predict")
    predict.get_by_role("button", name="Execute").click()
    predict.locator(".live-responses-table").wait_for()

    assert person.page.evaluate("document.documentElement.scrollWidth") == width
    assert person.page.evaluate("document.documentElement.classList.contains('dark-mode')") == (
        scheme == "dark"
    )
    assert person.violations(axe, without="#viewer") == []
    person.picture(f"docs_{scheme}_{width}")


def test_with_aws_signatures_only_the_open_paths_can_be_tried(visit: Open, axe: str) -> None:
    made = docs_page(["first_one"], viewer=read_viewer(), auth="iam")
    with serve_page(made, document=openapi_document(BINARY, auth="iam")) as root:
        person = visit(f"{root}docs")

        person.page.get_by_text("Predictions need an AWS signature").wait_for()
        assert operation(person, "get", "/health").get_by_role("button", name="Execute").count() == 1
        assert operation(person, "post", "/predict").get_by_role("button", name="Execute").count() == 0
        assert person.key.count() == 0
        assert person.page.get_by_role("link", name="The page of the model").get_attribute("href") == root
        assert person.violations(axe, without="#viewer") == []


def test_a_document_that_cannot_be_read_is_said(visit: Open) -> None:
    with serve_page(docs_page(["first_one"], viewer=read_viewer())) as root:
        person = visit(f"{root}docs")

        person.page.get_by_role("alert").filter(has_text="could not be shown").wait_for()
