"""A paused service has no endpoint and answers 503 with the way to wake it, also after a deployment."""

import json
from pathlib import Path

from tests.e2e.support.account import Account, call
from tests.tiny_bundle import write_tiny_bundle


def test_a_paused_service_stays_paused_when_it_is_deployed_and_wakes_with_its_version(
    account: Account, tmp_path: Path
) -> None:
    # Given a deployed service
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz")
    account.deploy(tmp_path / "model.tar.gz", max_instance_count="2")
    service, sagemaker = account.find(), account.aws.client("sagemaker")
    before = sagemaker.describe_endpoint(EndpointName="Tiny")["EndpointConfigName"]

    # When it is paused, and then deployed with another setting
    done = account.local("pause", "--json")
    account.deploy(tmp_path / "model.tar.gz", max_instance_count="2", idle_hours="48")

    # Then there is no endpoint, and the API says so
    assert json.loads(done.stdout) == {"stack": "Tiny", "paused": True, "changed": True}
    assert sagemaker.list_endpoints()["Endpoints"] == []
    for answer in (
        call("POST", service.url, body={"size": 0}, key=service.api_key),
        call("GET", service.health_url),
    ):
        assert (answer.status, answer.type) == (503, "application/problem+json")
        assert "make wake" in answer.body["detail"]
    smoke = account.local("smoke", "--model", "tiny", "--bundle", str(tmp_path / "model.tar.gz"), check=False)
    assert "Tiny is paused" in smoke.stdout

    # And when it wakes, it serves what it served before
    account.local("wake")
    assert sagemaker.describe_endpoint(EndpointName="Tiny")["EndpointConfigName"] == before
    assert bundle.manifest.version in service.predict('{"size": 0}')
