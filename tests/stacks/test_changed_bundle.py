"""Resources that a changed bundle updates, even with a single changed byte."""

from pathlib import Path

import pytest

from bundle import Bundle, read_archive
from tests.stacks.support.synthesis import Stacks, Synthesis, synthesize

VERSION = "AWS::Lambda::Version"
MODEL, CONFIG, ENDPOINT = (f"AWS::SageMaker::{kind}" for kind in ("Model", "EndpointConfig", "Endpoint"))
# The modification time in the header of a gzip file.
MTIME = 4


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Path:
    """The bundle with one changed byte in the gzip header."""
    archive = bytearray(bundle.read_bytes())
    archive[MTIME] ^= 1
    path = tmp_path_factory.mktemp("changed") / "model.tar.gz"
    path.write_bytes(archive)
    # The report of the same model stays beside it.
    path.with_name("report.html").write_bytes(bundle.with_name("report.html").read_bytes())
    return path


def identity(bundle: Bundle) -> tuple[str, bytes]:
    return bundle.manifest.version, bundle.model


def changed_resources(before: Synthesis, after: Synthesis) -> set[str]:
    old, new = (
        {name: found for name, found in made.template["Resources"].items() if found["Type"] != VERSION}
        for made in (before, after)
    )
    # With another logical id it would be another resource.
    assert set(old) == set(new)
    return {old[name]["Type"] for name in old if old[name].get("Properties") != new[name].get("Properties")}


def test_the_changed_byte_is_not_part_of_the_model(changed: Path, bundle: Path) -> None:
    before, after = read_archive(bundle), read_archive(changed)

    assert identity(before) == identity(after)
    assert before.digest != after.digest


@pytest.mark.parametrize("stage", ["dev", "prod"])
@pytest.mark.parametrize("hosting", ["realtime", "serverless"])
def test_a_changed_byte_replaces_model_and_configuration_and_updates_the_endpoint(
    stacks: Stacks, changed: Path, tmp_path: Path, stage: str, hosting: str
) -> None:
    before = stacks(stage, hosting)

    after = synthesize(tmp_path, bundle=str(changed), stage=stage, hosting=hosting)

    # CloudFormation replaces a model whose container changed, then the configuration that names it, because
    # both have generated names. It updates the endpoint, because its name does not change.
    assert changed_resources(before, after) == {"Custom::Bundle", MODEL, "AWS::IAM::Policy"}
    assert set(after.properties(MODEL)) == set(before.properties(MODEL))
    assert after.properties(MODEL)["PrimaryContainer"] != before.properties(MODEL)["PrimaryContainer"]
    assert "ModelName" not in after.properties(MODEL)
    assert "EndpointConfigName" not in after.properties(CONFIG)
    [variant] = after.properties(CONFIG)["ProductionVariants"]
    assert variant["ModelName"] == {"Fn::GetAtt": [after.only(MODEL)[0], "ModelName"]}
    endpoint = after.properties(ENDPOINT)
    assert endpoint["EndpointConfigName"] == {"Fn::GetAtt": [after.only(CONFIG)[0], "EndpointConfigName"]}
    assert endpoint["EndpointName"] == before.properties(ENDPOINT)["EndpointName"] == after.stacks[0]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_changed_byte_updates_the_model_function(
    stacks: Stacks, changed: Path, tmp_path: Path, stage: str
) -> None:
    before = stacks(stage, "lambda")

    after = synthesize(tmp_path, bundle=str(changed), stage=stage, hosting="lambda")

    # The alarms of a canary are of one version.
    of_version = {"AWS::CloudWatch::Alarm"} if stage == "prod" else set()
    assert changed_resources(before, after) == of_version | {
        "Custom::Bundle",
        "AWS::Lambda::Function",
        "AWS::Lambda::Alias",
        "AWS::IAM::Policy",
    }
    # A version is never changed: another one is published, and the alias refers to it.
    assert before.only(VERSION)[0] != after.only(VERSION)[0]
    path = "Model/Function/Resource"
    environments = [
        synthesis.by_path(path)["Properties"]["Environment"]["Variables"]["MODEL_DATA_URL"]
        for synthesis in (before, after)
    ]
    assert environments[0] != environments[1]
    rest = [
        {key: value for key, value in synthesis.by_path(path)["Properties"].items() if key != "Environment"}
        for synthesis in (before, after)
    ]
    assert rest[0] == rest[1]
