"""Target of a command: stack and bundles from the arguments, or from cdk.json."""

import dataclasses
import json
from pathlib import Path

import pytest

from smoke.errors import NotFoundError
from smoke.stack_target import ROOT, Target, find_target, target_parser
from stacks.settings.settings import Settings


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the bundles of two models."""
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"model": "first_one"}}))
    for model in ("first_one", "second"):
        bundle_of(model, tmp_path).parent.mkdir(parents=True)
        bundle_of(model, tmp_path).touch()
    return tmp_path


def bundle_of(model: str, root: Path) -> Path:
    return root / "build" / model / "model.tar.gz"


def target(stack: str, *models: str, root: Path) -> Target:
    bundles = [bundle_of(model, root) for model in models]
    return Target(stack=stack, bundles=bundles, folder=bundles[0].parent)


def test_without_arguments_the_target_is_the_model_of_cdk_json(checkout: Path) -> None:
    assert find_target(root=checkout) == target("FirstOne", "first_one", root=checkout)


def test_a_model_selects_stack_and_bundle(checkout: Path) -> None:
    assert find_target(models=["second"], root=checkout) == target("Second", "second", root=checkout)


def test_a_stack_selects_the_bundle(checkout: Path) -> None:
    assert find_target(stack="Second", root=checkout) == target("Second", "second", root=checkout)


def test_an_explicit_stack_and_bundle_are_used_as_given(checkout: Path) -> None:
    bundle = checkout / "elsewhere.tar.gz"

    assert find_target(stack="Other", bundles=[bundle], root=checkout) == Target(
        stack="Other", bundles=[bundle], folder=checkout
    )


def of_both(checkout: Path) -> Target:
    return dataclasses.replace(
        target("FirstOneSecond", "first_one", "second", root=checkout),
        folder=checkout / "build" / "FirstOneSecond",
    )


def test_several_models_select_stack_and_bundles(checkout: Path) -> None:
    assert find_target(models=["first_one", "second"], root=checkout) == of_both(checkout)


def test_the_stack_of_several_models_selects_their_bundles(checkout: Path) -> None:
    assert find_target(stack="FirstOneSecond", root=checkout) == of_both(checkout)
    assert find_target(stack="SecondFirstOne", root=checkout).bundles == of_both(checkout).bundles[::-1]


def test_models_of_cdk_json_is_preferred_to_model(checkout: Path) -> None:
    (checkout / "cdk.json").write_text(
        json.dumps({"context": {"model": "second", "models": "first_one, second"}})
    )

    assert find_target(root=checkout) == of_both(checkout)


@pytest.mark.parametrize("words", [["--model", "first_one,second"], ["--models", "first_one,second"]])
def test_model_names_are_separated_by_commas(words: list[str]) -> None:
    assert target_parser().parse_args(words).models == ["first_one", "second"]


def test_one_model_is_preferred_to_several_of_the_same_stack_name(checkout: Path) -> None:
    for model in ("first", "one"):
        bundle_of(model, checkout).parent.mkdir()
        bundle_of(model, checkout).touch()

    assert find_target(stack="FirstOne", root=checkout).bundles == [bundle_of("first_one", checkout)]


@pytest.mark.parametrize("stack", ["Third", "FirstOneThird", "SecondThirdSecond"])
def test_the_error_for_a_stack_of_unknown_models_names_the_option_bundle(checkout: Path, stack: str) -> None:
    with pytest.raises(NotFoundError, match=rf"stack {stack}: give them with --bundle"):
        find_target(stack=stack, root=checkout)


@pytest.mark.parametrize(
    "context",
    [
        {"model": "one_two"},
        {"model": "one2_three"},
        {"model": "m", "models": "one,two_three"},
        {"model": "one", "stage": "prod"},
        {"model": "m", "models": "one,two_three", "stage": "prod"},
        {"model": "one", "stage": "prod", "stack_name": "Ours"},
    ],
)
def test_stack_name_and_bundles_match_the_deployment_settings(
    tmp_path: Path, context: dict[str, str]
) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"context": context}))
    settings = Settings.from_context(context)

    found = find_target(root=tmp_path)

    assert found.stack == settings.stack_name
    assert [bundle.relative_to(tmp_path) for bundle in found.bundles] == [
        archive.relative_to(ROOT) for archive in settings.archives.values()
    ]


def test_a_stage_selects_its_stack(checkout: Path) -> None:
    assert find_target(stage="prod", root=checkout).stack == "FirstOneProd"
    assert find_target(stack="SecondProd", root=checkout).bundles == [bundle_of("second", checkout)]
