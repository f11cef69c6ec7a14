"""Model package group of the stack, and the registration of the deployed version."""

import json
from typing import Any

import pytest

from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

GROUP = "AWS::SageMaker::ModelPackageGroup"
REGISTRATION = "Custom::RegisteredVersion"


def test_the_deployed_version_is_registered_in_the_group_of_the_stack(stack: Synthesis) -> None:
    registration = stack.properties(REGISTRATION)
    group = stack.properties(GROUP)["ModelPackageGroupName"]

    # That of the template's bundle, also while another version is released.
    version = stack.template["Mappings"]["Template"]["Bundle"]["Version"]
    assert registration["CustomerMetadataProperties"]["version"] == version
    assert registration["ModelDataUrl"]["Fn::Join"][1][-1] == f"/models/tiny/{version}/model.tar.gz"
    assert registration["ModelPackageGroupName"] == group
    assert stack.template["Outputs"]["ModelPackageGroup"]["Value"] == group
    # Some ARNs of SageMaker are in lower case, and a policy must match them.
    assert group["Fn::Join"][1][0] == "tiny-"


@pytest.mark.parametrize(
    ("hosting", "has_image"), [("realtime", True), ("serverless", True), ("lambda", False)]
)
def test_an_image_is_registered_only_where_it_serves(stacks: Stacks, hosting: str, has_image: bool) -> None:
    registration = stacks("dev", hosting).properties(REGISTRATION)

    assert ("Image" in registration) is has_image
    assert ("image" in registration["CustomerMetadataProperties"]) is has_image
    assert len(stacks("dev", hosting).assets("dockerImages")) == int(has_image)


def test_versions_are_deleted_before_the_group_and_the_permission(stack: Synthesis) -> None:
    _, registration = stack.only(REGISTRATION)
    group, _ = stack.only(GROUP)

    policy = next(name for name in stack.all("AWS::IAM::Policy") if name.startswith("RegistryPolicy"))
    assert {group, policy} <= set(registration["DependsOn"])


@pytest.mark.parametrize(
    ("hosting", "kind"), [("realtime", "Custom::ServedConfiguration"), ("lambda", "AWS::Lambda::Alias")]
)
def test_a_version_is_registered_and_marked_when_it_serves(stacks: Stacks, hosting: str, kind: str) -> None:
    stack = stacks("dev", hosting)
    served, _ = stack.only(kind)

    registration = stack.properties(REGISTRATION)
    assert f'"{served}"' in json.dumps(registration["Host"])
    assert registration["ServedVersion"] == stack.template["Outputs"]["ModelVersion"]["Value"]


def test_a_production_group_is_retained_with_its_versions(stacks: Stacks) -> None:
    found: list[tuple[Any, Any]] = [
        (
            stacks(stage, "realtime").only(GROUP)[1]["DeletionPolicy"],
            stacks(stage, "realtime").properties(REGISTRATION)["EmptyOnDelete"],
        )
        for stage in ("prod", "dev")
    ]

    assert found == [("RetainExceptOnCreate", "false"), ("Delete", "true")]


def test_the_group_has_a_name_that_no_earlier_stack_has_and_that_is_not_too_long(
    synthesizer: Synthesizer,
) -> None:
    long = synthesizer.one(stack_name="A" * 63)

    prefix, unique = long.properties(GROUP)["ModelPackageGroupName"]["Fn::Join"][1]
    assert prefix == f"{'a' * 54}-"
    assert "AWS::StackId" in str(unique)


def test_several_models_have_no_registry(several: Synthesis) -> None:
    assert not several.all(GROUP)
    assert not several.all(REGISTRATION)
    assert "ModelPackageGroup" not in several.template["Outputs"]
