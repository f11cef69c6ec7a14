"""What is meant by what was said on the command line."""

import json
from pathlib import Path

import pytest

from smoke.errors import NotFoundError
from smoke.target import ROOT, Target, find_target, stack_of
from stacks.settings import Settings, default_bundle


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the bundles of two models."""
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"model": "first_one"}}))
    for model in ("first_one", "second"):
        path = tmp_path / "build" / model / "model.tar.gz"
        path.parent.mkdir(parents=True)
        path.touch()
    return tmp_path


def test_nothing_said_is_the_model_of_cdk_json(checkout: Path) -> None:
    assert find_target(root=checkout) == Target(
        stack="FirstOne", bundle=checkout / "build" / "first_one" / "model.tar.gz"
    )


def test_a_model_decides_stack_and_bundle(checkout: Path) -> None:
    assert find_target(model="second", root=checkout) == Target(
        stack="Second", bundle=checkout / "build" / "second" / "model.tar.gz"
    )


def test_a_stack_decides_the_bundle(checkout: Path) -> None:
    found = find_target(stack="Second", root=checkout)

    assert found.bundle == checkout / "build" / "second" / "model.tar.gz"


def test_stack_and_bundle_may_be_anything(checkout: Path) -> None:
    bundle = checkout / "elsewhere.tar.gz"

    assert find_target(stack="Other", bundle=bundle, root=checkout) == Target(stack="Other", bundle=bundle)


def test_a_stack_of_no_model_asks_for_the_bundle(checkout: Path) -> None:
    with pytest.raises(NotFoundError, match=r"stack Third: say which with --bundle"):
        find_target(stack="Third", root=checkout)


@pytest.mark.parametrize("model", ["one", "one_two", "one2_three"])
def test_names_and_places_are_those_the_stack_is_deployed_with(model: str) -> None:
    assert stack_of(model) == Settings.from_context({"model": model}).stack_name
    assert find_target(model=model, root=ROOT).bundle == default_bundle(model)
