"""Several models behind one endpoint and one API, deployed by the CDK CLI and asked over their routes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bundle import write_archive
from local.aws import LocalAws
from local.deployment import Deployment, find
from tests.e2e.account import Account, Answer, call
from tests.e2e.checkout import copy_checkout
from tests.tiny_bundle import tiny_graph, tiny_manifest, write_tiny_bundle

NAMES = ("tiny", "other_one")
MODELS = ",".join(NAMES)
STACK = "TinyOtherOne"
ROW = {"size": 1.0}


@dataclass(frozen=True, kw_only=True)
class Service:
    """The stack of both models, and the checkout whose build folder has their bundles."""

    account: Account

    @property
    def aws(self) -> LocalAws:
        return LocalAws(port=self.account.port, state=self.account.state)

    def bundle(self, name: str) -> Path:
        return self.account.root / "build" / name / "model.tar.gz"

    def write(self, name: str, *, weight: float) -> str:
        """Makes the bundle of a model anew; its version."""
        return write_tiny_bundle(self.bundle(name), name=name, weight=weight).manifest.version

    def deploy(self) -> dict[str, str]:
        """Deploys what the bundles are; the stack's outputs."""
        self.account.local("deploy", "--model", MODELS)
        return self.account.outputs()

    def found(self, name: str) -> Deployment:
        return find(self.aws, model=name)

    def predict(self, name: str, body: Any = None) -> Answer:
        """Asks a model over its route."""
        found = self.found(name)
        return call("POST", found.url, body=ROW if body is None else body, key=found.api_key)

    def health(self) -> Answer:
        return call("GET", f"{self.found(MODELS).api_url}/health")

    def run(self, command: str) -> tuple[int, str]:
        """Runs a command of local/ for both models; its exit code and all it says."""
        done = self.account.local(command, "--model", MODELS, check=False)
        return done.returncode, done.stdout + done.stderr

    def endpoint(self) -> dict[str, Any]:
        sagemaker = self.aws.client("sagemaker")
        [endpoint] = sagemaker.list_endpoints()["Endpoints"]
        described: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=endpoint["EndpointName"])
        return described


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    checkout = copy_checkout(tmp_path_factory.mktemp("checkout"))
    account = Account(root=checkout, state=tmp_path_factory.mktemp("aws"))
    account.local("up")
    yield account
    account.local("down")


@pytest.fixture(scope="module")
def service(account: Account) -> Service:
    service = Service(account=account)
    service.write("tiny", weight=1.0)
    service.write("other_one", weight=2.0)
    service.deploy()
    return service


def test_each_model_is_asked_over_its_own_route_of_one_api_and_one_endpoint(service: Service) -> None:
    answers = {name: service.predict(name) for name in NAMES}

    assert {answer.status for answer in answers.values()} == {200}
    told = {name: answer.body["predictions"][0]["probability"] for name, answer in answers.items()}
    assert told == pytest.approx({"tiny": 0.7310586, "other_one": 0.8807971}, abs=1e-4)
    outputs = service.account.outputs()
    for mark, name in {"Tiny": "tiny", "OtherOne": "other_one"}.items():
        assert answers[name].body["model"] == {"name": name, "version": outputs[f"ModelVersion{mark}"]}
        assert outputs[f"PredictUrl{mark}"].endswith(f"/{name}/predict")
    assert service.endpoint()["EndpointName"] == STACK
    assert len(service.aws.client("apigateway").get_rest_apis()["items"]) == 1


def test_a_request_that_one_model_refuses_leaves_the_other(service: Service) -> None:
    refused = service.predict("tiny", {"size": 101})

    assert (refused.status, refused.type) == (422, "application/problem+json")
    assert refused.body["errors"][0]["field"] == "size"
    assert service.predict("other_one").status == 200


def test_health_tells_the_version_of_each(service: Service) -> None:
    for name in NAMES:
        service.predict(name)

    health = service.health()

    assert (health.status, health.body["state"]) == (200, "InService")
    outputs = service.account.outputs()
    assert health.body["models"] == {
        name: {"version": outputs[output], "expected_version": outputs[output]}
        for name, output in {"tiny": "ModelVersionTiny", "other_one": "ModelVersionOtherOne"}.items()
    }


def test_the_api_describes_both(service: Service) -> None:
    document = call("GET", f"{service.found(MODELS).api_url}/openapi.json").body

    assert set(document["paths"]) == {"/tiny/predict", "/other_one/predict", "/health", "/openapi.json"}


def test_the_smoke_check_proves_both(service: Service) -> None:
    code, said = service.run("smoke")

    assert code == 0, said
    for name in NAMES:
        assert f"✓ golden rows of {name}" in said


def test_the_postman_collection_passes(service: Service) -> None:
    code, said = service.run("postman")

    assert code == 0, said


def test_a_prediction_is_asked_of_the_first_model_or_the_one_that_is_named(service: Service) -> None:
    first = json.loads(service.account.local("predict").stdout)
    other = json.loads(service.account.local("predict", "--model", "other_one").stdout)

    assert [answer["model"]["name"] for answer in (first, other)] == list(NAMES)


def test_a_changed_bundle_of_one_updates_that_one(service: Service) -> None:
    before, config = service.account.outputs(), service.endpoint()["EndpointConfigName"]
    changed = service.write("other_one", weight=3.0)

    after = service.deploy()

    assert (after["ModelVersionTiny"], after["ModelVersionOtherOne"]) == (before["ModelVersionTiny"], changed)
    assert service.endpoint()["EndpointConfigName"] != config
    versions = [service.predict(name).body["model"]["version"] for name in NAMES]
    assert versions == [before["ModelVersionTiny"], changed]


def test_a_model_that_cannot_be_loaded_leaves_the_other_and_is_named(service: Service) -> None:
    # Deployable, as models are loaded when they are first asked, and refused by the runtime then.
    graph = tiny_graph()
    graph.graph.node[-1].op_type = "NoSuchOperator"
    manifest = tiny_manifest(name="other_one")
    write_archive(service.bundle("other_one"), manifest=manifest, model=graph.SerializeToString())
    service.deploy()

    broken, well, health = service.predict("other_one"), service.predict("tiny"), service.health()

    assert (broken.status, broken.type) == (502, "application/problem+json")
    assert well.status == 200
    assert health.status == 503
    assert health.body["detail"].startswith("other_one: ")
    assert health.body["models"]["other_one"]["version"] is None
    assert health.body["models"]["tiny"]["version"] == service.account.outputs()["ModelVersionTiny"]
    code, said = service.run("smoke")
    assert code == 1
    assert "✗ golden rows of other_one" in said
    assert "✓ golden rows of tiny" in said


def test_a_deleted_stack_leaves_nothing(service: Service) -> None:
    cloudformation = service.aws.client("cloudformation")
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 0.2})

    sagemaker = service.aws.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert service.aws.client("apigateway").get_rest_apis()["items"] == []
    assert service.aws.client("lambda").list_functions()["Functions"] == []
