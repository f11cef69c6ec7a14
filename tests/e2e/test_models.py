"""Several models behind one endpoint and one API, deployed by the CDK CLI and asked over their routes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bundle import write_archive
from local.iam_decisions import fetch_decisions
from tests.e2e.support.account import Account, Answer, call
from tests.e2e.support.permissions import unlisted
from tests.tiny_bundle import tiny_graph, tiny_manifest, write_tiny_bundle

ROW = {"size": 1.0}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack of two models.

    Attributes:
        account: The AWS it is deployed to, with a checkout whose build folder has the bundles.
        name: Name of the stack.
        models: Names of the models.
    """

    account: Account
    name: str
    models: tuple[str, str]

    @property
    def all_models(self) -> str:
        return ",".join(self.models)

    def bundle(self, model: str) -> Path:
        return self.account.root / "build" / model / "model.tar.gz"

    def write(self, model: str, *, weight: float) -> str:
        """Writes the bundle of a model and returns its version."""
        return write_tiny_bundle(self.bundle(model), name=model, weight=weight).manifest.version

    def deploy(self) -> dict[str, str]:
        """Deploys the bundles and returns the outputs of the stack."""
        bundles = {model: self.bundle(model) for model in self.models}
        return self.account.deploy_bundles(bundles, models=self.all_models)

    def predict(self, model: str) -> Answer:
        """Sends a row to a model over its route."""
        return self.post(model, ROW)

    def post(self, model: str, body: Any) -> Answer:
        found = self.account.find(model)
        return call("POST", found.url, body=body, key=found.api_key)

    def health(self) -> Answer:
        return call("GET", f"{self.account.find(self.all_models).api_url}/health")

    def run(self, command: str) -> tuple[int, str]:
        """Runs a command of local/ for both models; returns its exit code and output."""
        done = self.account.local(command, "--model", self.all_models, check=False)
        return done.returncode, done.stdout + done.stderr

    def configuration(self) -> str:
        """Name of the endpoint's configuration."""
        described = self.account.aws.client("sagemaker").describe_endpoint(EndpointName=self.name)
        return str(described["EndpointConfigName"])


@pytest.fixture(scope="module")
def up(newcomer: Account) -> Account:
    newcomer.local("up")
    return newcomer


@pytest.fixture(scope="module")
def stack(up: Account) -> Stack:
    """A stack that the command has deployed, and the tests only read."""
    stack = Stack(account=up, name="TinyOtherOne", models=("tiny", "other_one"))
    stack.write("tiny", weight=1.0)
    stack.write("other_one", weight=2.0)
    assert stack.run("deploy")[0] == 0
    return stack


def test_each_model_predicts_over_its_own_route_of_one_api_and_one_endpoint(stack: Stack) -> None:
    answers = {name: stack.predict(name) for name in stack.models}

    assert {answer.status for answer in answers.values()} == {200}
    found = {name: answer.body["predictions"][0]["probability"] for name, answer in answers.items()}
    assert found == pytest.approx({"tiny": 0.7310586, "other_one": 0.8807971}, abs=1e-4)
    outputs = stack.account.find(stack.all_models).outputs
    for mark, name in {"Tiny": "tiny", "OtherOne": "other_one"}.items():
        assert answers[name].body["model"] == {"name": name, "version": outputs[f"ModelVersion{mark}"]}
        assert outputs[f"PredictUrl{mark}"].endswith(f"/{name}/predict")
    assert outputs["EndpointName"] == stack.name


def test_a_request_that_one_model_refuses_does_not_affect_the_other(stack: Stack) -> None:
    refused = stack.post("tiny", {"size": 101})

    assert (refused.status, refused.type) == (422, "application/problem+json")
    assert refused.body["errors"][0]["field"] == "size"
    assert stack.predict("other_one").status == 200


def test_health_names_the_version_of_each(stack: Stack) -> None:
    for name in stack.models:
        stack.predict(name)

    health = stack.health()

    assert (health.status, health.body["state"]) == (200, "InService")
    outputs = stack.account.find(stack.all_models).outputs
    assert health.body["models"] == {
        name: {"version": outputs[output], "expected_version": outputs[output]}
        for name, output in {"tiny": "ModelVersionTiny", "other_one": "ModelVersionOtherOne"}.items()
    }


def test_the_openapi_document_describes_both(stack: Stack) -> None:
    document = call("GET", f"{stack.account.find(stack.all_models).api_url}/openapi.json").body

    assert {*document["paths"]} >= {"/tiny/predict", "/other_one/predict", "/", "/docs", "/model"}


def test_the_smoke_check_passes_for_both(stack: Stack) -> None:
    code, output = stack.run("smoke")

    assert code == 0, output
    for name in stack.models:
        assert f"✓ golden rows of {name}" in output


def test_the_postman_collection_passes(stack: Stack) -> None:
    code, output = stack.run("postman")

    assert code == 0, output


def test_predict_asks_the_model_that_is_named(stack: Stack) -> None:
    answers = [stack.account.local("predict", "--model", name).stdout for name in stack.models]

    assert [json.loads(answer)["model"]["name"] for answer in answers] == list(stack.models)


def test_a_changed_a_broken_and_a_deleted_model_leave_the_other_serving(up: Account) -> None:
    # Given another stack
    stack = Stack(account=up, name="OneTwo", models=("one", "two"))
    stack.write("one", weight=1.0)
    stack.write("two", weight=2.0)
    stack.deploy()
    configuration = stack.configuration()

    # When one model changes, and ONNX Runtime cannot load the other (SageMaker loads it at its first request)
    version = stack.write("one", weight=3.0)
    graph = tiny_graph()
    graph.graph.node[-1].op_type = "NoSuchOperator"
    manifest = tiny_manifest(name="two")
    write_archive(stack.bundle("two"), manifest=manifest, model=graph.SerializeToString())
    outputs = stack.deploy()

    # Then the endpoint is updated, and serves the changed model
    assert outputs["ModelVersionOne"] == version
    assert stack.configuration() != configuration
    assert stack.predict("one").body["model"]["version"] == version

    # Then the other serves, and /health and the smoke check name the broken one
    broken, sound, health = stack.predict("two"), stack.predict("one"), stack.health()
    assert (broken.status, broken.type) == (502, "application/problem+json")
    assert sound.status == 200
    assert health.status == 503
    assert health.body["detail"].startswith("two: ")
    assert health.body["models"]["two"]["version"] is None
    assert health.body["models"]["one"]["version"] == version
    code, output = stack.run("smoke")
    assert code == 1
    assert "✗ golden rows of two" in output
    assert "✓ golden rows of one" in output

    # And a deleted stack leaves no resource
    before = {name for name in up.resources() if "OneTwo" in name}
    up.delete_stack(stack.name)
    assert before
    assert [name for name in up.resources() if "OneTwo" in name] == []

    # And has used every permission
    decisions = fetch_decisions(up.aws)
    assert unlisted(decisions, stack=stack.name) == []
    assert decisions.refused == []
