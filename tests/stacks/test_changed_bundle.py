"""Resources that a changed bundle updates, and those that it does not while another version is released."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.support.synthesis import RELEASED_VERSION, Stacks, Synthesis, synthesize
from tests.tiny_bundle import write_tiny_bundle, write_tiny_report

VERSION = "AWS::Lambda::Version"
MODEL, CONFIG, ENDPOINT = (f"AWS::SageMaker::{kind}" for kind in ("Model", "EndpointConfig", "Endpoint"))
# Publication and registration with their permission, and the documents of the API in the invoker's zip.
ALWAYS = {"Custom::Bundle", "Custom::RegisteredVersion", "AWS::IAM::Policy", "AWS::Lambda::Function"}


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of the same interface with another graph."""
    path = tmp_path_factory.mktemp("changed") / "model.tar.gz"
    write_tiny_bundle(path, weight=2.0)
    write_tiny_report(path)
    return path


def resources(synthesis: Synthesis, *, released: str = "") -> dict[str, Any]:
    """The resources of a template as CloudFormation resolves them for a value of ReleasedVersion."""
    version = released or synthesis.template["Mappings"]["Template"]["Bundle"]["Version"]
    text = json.dumps(synthesis.template["Resources"], sort_keys=True)
    found: dict[str, Any] = json.loads(
        text.replace(json.dumps(RELEASED_VERSION, sort_keys=True), json.dumps(version))
    )
    assert "IsReleased" not in json.dumps(found)
    return found


def changed_resources(before: Synthesis, after: Synthesis, *, released: str = "") -> set[str]:
    """Types of the resources whose properties differ; the resources themselves are the same."""
    old, new = resources(before, released=released), resources(after, released=released)
    assert set(old) == set(new)
    return {old[name]["Type"] for name in old if old[name].get("Properties") != new[name].get("Properties")}


@pytest.mark.parametrize("stage", ["dev", "prod"])
@pytest.mark.parametrize("hosting", ["realtime", "serverless"])
def test_a_changed_bundle_replaces_model_and_configuration_and_updates_the_endpoint(
    stacks: Stacks, changed: Path, tmp_path: Path, stage: str, hosting: str
) -> None:
    before = stacks(stage, hosting)

    after = synthesize(tmp_path, bundle=str(changed), stage=stage, hosting=hosting)

    # CloudFormation replaces a model whose container changed, then the configuration that names it, because
    # both have generated names. It updates the endpoint, because its name does not change.
    assert changed_resources(before, after) == {*ALWAYS, MODEL}
    assert "ModelName" not in after.properties(MODEL)
    assert "EndpointConfigName" not in after.properties(CONFIG)
    [variant] = after.properties(CONFIG)["ProductionVariants"]
    assert variant["ModelName"] == {"Fn::GetAtt": [after.only(MODEL)[0], "ModelName"]}
    endpoint = after.properties(ENDPOINT)
    assert endpoint["EndpointConfigName"] == {"Fn::GetAtt": [after.only(CONFIG)[0], "EndpointConfigName"]}
    assert endpoint["EndpointName"] == before.properties(ENDPOINT)["EndpointName"] == after.stacks[0]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_changed_bundle_updates_the_model_function_and_replaces_its_version(
    stacks: Stacks, changed: Path, tmp_path: Path, stage: str
) -> None:
    before = stacks(stage, "lambda")

    after = synthesize(tmp_path, bundle=str(changed), stage=stage, hosting="lambda")

    # Alias and alarms of a canary refer to the version by its attribute, and follow its replacement.
    assert changed_resources(before, after) == {*ALWAYS, VERSION}
    version = after.only(VERSION)[0]
    assert after.properties("AWS::Lambda::Alias")["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    of_version = [
        alarm
        for alarm in after.all("AWS::CloudWatch::Alarm").values()
        if "-model-version-" in json.dumps(alarm["Properties"].get("AlarmName", ""))
    ]
    assert len(of_version) == (3 if stage == "prod" else 0)
    assert all(version in json.dumps(alarm["Properties"]["AlarmName"]) for alarm in of_version)


@pytest.mark.parametrize("hosting", ["realtime", "serverless", "lambda"])
def test_a_changed_bundle_changes_nothing_that_serves_while_another_version_is_released(
    stacks: Stacks, changed: Path, tmp_path: Path, hosting: str
) -> None:
    before = stacks("dev", hosting)

    after = synthesize(tmp_path, bundle=str(changed), stage="dev", hosting=hosting)

    # Lambda refuses to publish a version of a function that is the same, so the version must not change.
    assert changed_resources(before, after, released="0123456789ab") == ALWAYS
    path = "Model/Function/Resource"
    if hosting == "lambda":
        assert before.by_path(path)["Properties"] == after.by_path(path)["Properties"]
