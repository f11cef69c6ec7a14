"""The page about a model, as a person meets it in a browser: the report of a training."""

import pytest

from local.deployments.deployment import Deployment
from tests.e2e.page.conftest import Open
from tests.e2e.support.account import call
from tests.e2e.support.tiny_stack import TinyStack


@pytest.fixture(scope="module")
def service(tiny_stack: TinyStack) -> Deployment:
    return tiny_stack.service


def test_the_page_leads_to_the_report_of_the_training_and_back(
    visit: Open, service: Deployment, axe: str
) -> None:
    person = visit(f"{service.api_url}/")
    person.page.get_by_role("link", name="About the model").click()
    person.page.wait_for_url(f"{service.api_url}/model")

    assert person.page.get_by_role("heading", name="Report of the training").is_visible()
    assert service.outputs["ModelVersion"] in person.page.locator("body").inner_text()
    # The style of the report's elements is not refused.
    assert person.page.locator("p").first.evaluate("p => getComputedStyle(p).marginTop") == "2px"
    assert person.violations(axe) == []

    person.page.get_by_role("link", name="Ask the model").click()
    person.page.wait_for_url(f"{service.api_url}/")


def test_another_model_is_refused(service: Deployment) -> None:
    answer = call("GET", f"{service.api_url}/model?model=other")

    assert answer.status == 400
    assert answer.body["detail"] == "The parameter model must be one of the models: tiny."
