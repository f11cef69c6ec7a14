"""The stack, deployed by the CDK CLI to AWS on this machine and asked over HTTP."""

from dataclasses import dataclass
from typing import Any

import pytest

from bundle import read_archive
from local.deployments.deployment import Deployment
from tests.e2e.support.account import Account, Answer, call
from tests.e2e.support.tiny_stack import TinyStack
from tests.tiny_bundle import EXAMPLE


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A deployed stack, its outputs and the version of its model."""

    account: Account
    service: Deployment
    version: str

    def predict(self, body: Any, *, key: str | None) -> Answer:
        return call("POST", self.service.url, body=body, key=key)


@pytest.fixture(scope="module")
def deployed(tiny_stack: TinyStack) -> Deployed:
    version = read_archive(tiny_stack.bundle).manifest.version
    return Deployed(account=tiny_stack.account, service=tiny_stack.service, version=version)


def test_a_row_gets_its_prediction_and_the_version_of_the_model(deployed: Deployed) -> None:
    answer = deployed.predict({"size": 0.0}, key=deployed.service.api_key)

    assert (answer.status, answer.type) == (200, "application/json")
    assert answer.body == {
        "predictions": [{"label": "yes", "probability": 0.5}],
        "model": {"name": "tiny", "version": deployed.version},
    }
    assert deployed.service.outputs["ModelVersion"] == deployed.version


def test_the_predictions_are_in_the_order_of_the_rows(deployed: Deployed) -> None:
    sizes = [50.0, 0.0, 1.0]

    answer = deployed.predict({"instances": [{"size": size} for size in sizes]}, key=deployed.service.api_key)

    probabilities = [prediction["probability"] for prediction in answer.body["predictions"]]
    assert sorted(probabilities, reverse=True) == [probabilities[0], probabilities[2], probabilities[1]]


@pytest.mark.parametrize("key", [None, "wrong"])
def test_a_request_without_the_api_key_is_forbidden(deployed: Deployed, key: str | None) -> None:
    assert deployed.predict(EXAMPLE, key=key).status == 403


def test_an_invalid_row_is_refused_by_row_field_and_rule(deployed: Deployed) -> None:
    answer = deployed.predict({"instances": [EXAMPLE, EXAMPLE | {"size": 101}]}, key=deployed.service.api_key)

    assert (answer.status, answer.type) == (422, "application/problem+json")
    [error] = answer.body["errors"]
    assert (error["row"], error["field"]) == (1, "size")
    assert "100" in error["rule"]


def test_health_names_the_version_that_serves(deployed: Deployed) -> None:
    answer = call("GET", deployed.service.url.replace("/predict", "/health"))

    assert answer.status == 200
    assert answer.body["model"]["version"] == deployed.version


def test_bundle_manifest_and_report_are_in_the_bucket_under_their_version(
    deployed: Deployed,
) -> None:
    listed = deployed.account.aws.client("s3").list_objects_v2(
        Bucket=deployed.service.outputs["ArtifactBucket"]
    )

    keys = [found["Key"] for found in listed["Contents"]]
    folder = f"models/tiny/{deployed.version}"
    assert keys == [f"{folder}/{name}" for name in ("manifest.json", "model.tar.gz", "report.html")]


def test_predict_prints_only_the_answer(deployed: Deployed) -> None:
    done = deployed.account.local("predict", "--model", "tiny", "--row", '{"size": 0}')

    assert done.stdout.startswith('{"predictions":')
    assert deployed.version in done.stdout


def test_predict_with_an_invalid_row_names_the_field_and_exits_1(deployed: Deployed) -> None:
    done = deployed.account.local("predict", "--model", "tiny", "--row", '{"sise": 0}', check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert "sise" in done.stderr
    assert "Traceback" not in done.stderr
