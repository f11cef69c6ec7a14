"""What happens to a deployed stack when its model changes, and when it goes."""

import hashlib
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.deployment import find
from tests.e2e.account import Account, call
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


def test_a_changed_model_updates_the_endpoint_and_its_version_answers(account: Account, folder: Path) -> None:
    old = write_tiny_bundle(folder / "old.tar.gz")
    new = write_tiny_bundle(folder / "new.tar.gz", weight=2.0)
    before = account.deploy(folder / "old.tar.gz")

    after = account.deploy(folder / "new.tar.gz")

    assert (before["ModelVersion"], after["ModelVersion"]) == (old.manifest.version, new.manifest.version)
    assert after["EndpointName"] == before["EndpointName"]
    service = find(LocalAws(port=account.port, state=account.state))
    health = call("GET", service.url.replace("/predict", "/health"))
    assert health.body["model"]["version"] == new.manifest.version


def test_one_changed_byte_gives_the_endpoint_another_configuration(account: Account, folder: Path) -> None:
    # Given the archive that is deployed, with another time of day in its gzip header
    sagemaker = LocalAws(port=account.port, state=account.state).client("sagemaker")
    before = sagemaker.describe_endpoint(EndpointName="Tiny")
    archive = bytearray((folder / "new.tar.gz").read_bytes())
    archive[4] ^= 1
    (folder / "touched.tar.gz").write_bytes(archive)

    account.deploy(folder / "touched.tar.gz")

    after = sagemaker.describe_endpoint(EndpointName="Tiny")
    assert after["EndpointArn"] == before["EndpointArn"]
    assert after["CreationTime"] == before["CreationTime"]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    digest = hashlib.sha256(archive).hexdigest()
    [model] = sagemaker.list_models()["Models"]
    container = sagemaker.describe_model(ModelName=model["ModelName"])["PrimaryContainer"]
    assert f"/{digest}/" in container["ModelDataUrl"]


def test_destroy_leaves_nothing(account: Account, folder: Path) -> None:
    outputs = account.outputs()

    account.destroy(folder / "touched.tar.gz")

    aws = LocalAws(port=account.port, state=account.state)
    assert aws.client("sagemaker").list_endpoints()["Endpoints"] == []
    assert aws.client("sagemaker").list_models()["Models"] == []
    assert aws.client("sagemaker").list_endpoint_configs()["EndpointConfigs"] == []
    assert aws.client("apigateway").get_rest_apis()["items"] == []
    assert aws.client("lambda").list_functions()["Functions"] == []
    buckets = [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
    assert outputs["ArtifactBucket"] not in buckets
    groups = aws.client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == []


def test_a_stack_with_every_switch_on_deploys_and_answers_signed_requests(
    account: Account, folder: Path
) -> None:
    switches = {
        "stage": "prod",
        "auth": "iam",
        "waf": "true",
        "alarm_email": "team@example.com",
        "budget": "50",
    }

    outputs = account.deploy(folder / "new.tar.gz", **switches)

    assert "ApiKeyId" not in outputs
    assert outputs["ModelVersion"] in account.local("predict", "--row", '{"size": 0}').stdout
    unsigned = find(LocalAws(port=account.port, state=account.state)).url
    assert call("POST", unsigned, body={"size": 0}).status == 403
