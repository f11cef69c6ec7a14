"""The page of several models of one API: a tab for each, of every task."""

import pytest

from bundle import Task
from local.deployments.deployment import Deployment
from tests.e2e.page.bundles import write_bundle
from tests.e2e.page.conftest import Open
from tests.e2e.support.account import Account
from tests.e2e.support.throttles import lift_throttles

MODELS: dict[str, Task] = {"is_good": "binary", "which": "multiclass", "price": "regression"}


@pytest.fixture(scope="module")
def service(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder = tmp_path_factory.mktemp("bundles")
    bundles = {name: folder / f"{name}.tar.gz" for name in MODELS}
    for name, task in MODELS.items():
        write_bundle(bundles[name], name=name, task=task)
    account.deploy_bundles(bundles, models=",".join(MODELS))
    lift_throttles(account)
    return account.find(",".join(MODELS))


@pytest.fixture(scope="module")
def url(service: Deployment) -> str:
    return f"{service.api_url}/"


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("Is good", ["middle", "Probability of middle: 73.1 %"]),
        ("Which", ["high", "66.5 %", "24.5 %", "9.0 %"]),
        ("Price", ["12.5"]),
    ],
)
def test_each_model_answers_in_its_tab(
    visit: Open, url: str, service: Deployment, axe: str, tab: str, shown: list[str]
) -> None:
    person = visit(url)
    person.page.get_by_role("tab", name=tab).click()

    lines = person.predict(service.api_key).inner_text().splitlines()

    assert [text for text in shown if text not in lines] == []
    assert person.page.get_by_role("tabpanel").count() == 1
    assert person.violations(axe) == []
    person.picture(f"tab_{tab.lower().replace(' ', '_')}")


def test_arrow_keys_choose_a_tab(visit: Open, url: str) -> None:
    person = visit(url)
    tabs = person.page.get_by_role("tab")
    tabs.first.focus()

    def selected_after(key: str) -> list[str | None]:
        person.page.keyboard.press(key)
        return [tab.get_attribute("aria-selected") for tab in tabs.all()]

    assert selected_after("ArrowRight") == ["false", "true", "false"]
    assert selected_after("End") == ["false", "false", "true"]
    assert selected_after("ArrowRight") == ["true", "false", "false"]
    assert selected_after("ArrowLeft") == ["false", "false", "true"]
    assert tabs.last.evaluate("tab => document.activeElement === tab")


def test_booleans_known_values_and_texts_are_asked_as_what_they_are(
    visit: Open, url: str, service: Deployment
) -> None:
    person = visit(url)
    person.field("Is new").select_option("no")
    person.field("Colour").select_option("blue")
    person.field("Remark").fill("two\nlines")
    person.key.fill(service.api_key)
    with person.page.expect_request("**/is_good/predict") as asked:
        person.press("Predict")
    person.answers.first.wait_for()

    row = {"size": 1, "is_new": False, "colour": "blue", "remark": "two\nlines"}
    assert asked.value.post_data_json == row


def test_a_link_opens_the_tab_of_its_model(visit: Open, url: str) -> None:
    person = visit(f"{url}#price?size=7&it%27s+odd=3")

    assert person.page.get_by_role("tab", selected=True).inner_text() == "Price"
    assert [person.field(name).input_value() for name in ("Size", "It's odd")] == ["7", "3"]


def test_the_models_are_listed_and_one_without_a_report_has_a_card(visit: Open, url: str, axe: str) -> None:
    person = visit(f"{url}model", width=375)
    assert person.page.get_by_role("heading", level=2).all_inner_texts() == ["Is good", "Which", "Price"]
    assert person.violations(axe) == []

    person.page.get_by_role("link", name="Which").click()
    person.page.wait_for_url(f"{url}model?model=which")

    assert person.page.get_by_text("low, middle, high").is_visible()
    assert person.page.get_by_text("no report.html beside the bundle").is_visible()
    assert person.page.evaluate("document.documentElement.scrollWidth") == 375
    assert person.violations(axe) == []
    person.picture("card")
