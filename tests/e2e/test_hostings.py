"""The same bundle and the same API, by the hostings without instances."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.deployment import Deployment, find
from tests.e2e.account import Account, Answer, call
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle


@dataclass(frozen=True, kw_only=True)
class Hosted:
    """The tiny stack by one hosting, and the folder of its bundles."""

    account: Account
    hosting: str
    folder: Path

    @property
    def aws(self) -> LocalAws:
        return LocalAws(port=self.account.port, state=self.account.state)

    @property
    def service(self) -> Deployment:
        return find(self.aws)

    def deploy(self, name: str, *, weight: float) -> str:
        """Makes a bundle and deploys it; its version."""
        version = write_tiny_bundle(self.folder / name, weight=weight).manifest.version
        outputs = self.account.deploy(self.folder / name, hosting=self.hosting)
        assert outputs["ModelVersion"] == version
        return version

    def predict(self, body: Any) -> Answer:
        return call("POST", self.service.url, body=body, key=self.service.api_key)


@pytest.fixture(scope="module", params=["serverless", "lambda"])
def hosted(
    account: Account, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Hosted:
    hosted = Hosted(account=account, hosting=request.param, folder=tmp_path_factory.mktemp("bundles"))
    hosted.deploy("old.tar.gz", weight=1.0)
    return hosted


def test_a_row_is_answered_with_its_prediction(hosted: Hosted) -> None:
    answer = hosted.predict({"size": 0.0})

    assert (answer.status, answer.type) == (200, "application/json")
    assert answer.body["predictions"] == [{"label": "yes", "probability": 0.5}]


def test_a_bad_row_is_refused_naming_row_field_and_rule(hosted: Hosted) -> None:
    answer = hosted.predict({"instances": [EXAMPLE, EXAMPLE | {"size": 101}]})

    assert (answer.status, answer.type) == (422, "application/problem+json")
    [error] = answer.body["errors"]
    assert (error["row"], error["field"]) == (1, "size")


def test_it_runs_on_what_was_asked_for(hosted: Hosted) -> None:
    endpoints = hosted.aws.client("sagemaker").list_endpoints()["Endpoints"]

    if hosted.hosting == "lambda":
        assert endpoints == []
        return
    name = endpoints[0]["EndpointName"]
    [variant] = hosted.aws.client("sagemaker").describe_endpoint(EndpointName=name)["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def test_a_changed_bundle_is_what_answers_then(hosted: Hosted) -> None:
    version = hosted.deploy("new.tar.gz", weight=2.0)
    # Health does not wait for what has to start first; a prediction does.
    first = hosted.predict(EXAMPLE)

    health = call("GET", hosted.service.url.replace("/predict", "/health"))

    assert first.body["model"]["version"] == version
    assert (health.status, health.body["model"]["version"]) == (200, version)


def test_the_smoke_check_proves_it(hosted: Hosted) -> None:
    done = hosted.account.local(
        "smoke", "--model", "tiny", "--bundle", str(hosted.folder / "new.tar.gz"), check=False
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_a_deleted_stack_leaves_nothing(hosted: Hosted) -> None:
    # As `cdk destroy` does once it has made the template again, which takes longer than all the rest.
    cloudformation = hosted.aws.client("cloudformation")
    cloudformation.delete_stack(StackName="Tiny")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="Tiny", WaiterConfig={"Delay": 0.2})

    sagemaker, functions = hosted.aws.client("sagemaker"), hosted.aws.client("lambda")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert functions.list_functions()["Functions"] == []
    assert hosted.aws.client("apigateway").get_rest_apis()["items"] == []
    assert hosted.aws.client("logs").describe_log_groups()["logGroups"] == []
