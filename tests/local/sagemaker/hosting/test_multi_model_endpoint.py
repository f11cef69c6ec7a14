"""A multi-model endpoint: update, deletion, invalid requests, load timeout."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.sagemaker.hosting import container_client, model_cache
from local.sagemaker.hosting.container import Container
from local.sagemaker.hosting.errors import ContainerError
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.hosting.model_cache import ModelCache
from local.sagemaker.hosting.runtime import SageMakerRuntime
from local.sagemaker.invocation_metrics import InvocationMetrics
from local.sagemaker.resource_collection import SageMakerResource
from local.sagemaker.sagemaker_response import SageMakerResponse
from tests.local.conftest import make_config
from tests.local.iam.roles import MODEL_ROLE
from tests.local.model_archives import STUB, archive
from tests.local.polling import until
from tests.local.sagemaker.hosting.multi_model import MultiModelEndpoint


def test_an_update_serves_the_models_of_another_folder_and_a_deletion_removes_all(
    multi_model: MultiModelEndpoint,
) -> None:
    multi_model.start()
    first = multi_model.invoke("a")["pid"]
    multi_model.add("a", folder="other", version="newer")
    multi_model.configure(f"{multi_model.name}-two", folder="other/")

    multi_model.aws.client("sagemaker").update_endpoint(
        EndpointName=multi_model.name, EndpointConfigName=f"{multi_model.name}-two"
    )
    multi_model.wait_in_service()

    after = multi_model.invoke("a")
    assert (after["version"], after["loaded"]) == ("newer", ["newer"])
    assert after["pid"] != first
    multi_model.aws.client("sagemaker").delete_endpoint(EndpointName=multi_model.name)
    until(lambda: not list((multi_model.aws.state / "endpoints" / multi_model.name).glob("*/models")))
    assert multi_model.invoke_with_error("a")["Error"]["Message"].endswith("not found.")


@pytest.mark.slow
def test_an_update_changes_between_single_model_and_multi_model(multi_model: MultiModelEndpoint) -> None:
    sagemaker = multi_model.aws.client("sagemaker")
    single = make_config(
        sagemaker, f"{multi_model.name}-one", multi_model.upload("one.tar.gz", version="one")
    )
    multi_model.start()

    sagemaker.update_endpoint(EndpointName=multi_model.name, EndpointConfigName=single)
    multi_model.wait_in_service()
    assert multi_model.invoke(None)["version"] == "one"

    sagemaker.update_endpoint(EndpointName=multi_model.name, EndpointConfigName=multi_model.name)
    multi_model.wait_in_service()
    assert multi_model.invoke("a")["version"] == "a"


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ({"Mode": "MultiModel"}, "needs ModelDataUrl"),
        ({"Mode": "Both", "ModelDataUrl": "s3://b/k"}, r"enum value set: \[SingleModel, MultiModel\]"),
    ],
)
def test_an_invalid_mode_is_refused(sagemaker: Any, container: dict[str, str], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        sagemaker.create_model(
            ModelName="wrong",
            ExecutionRoleArn=MODEL_ROLE,
            PrimaryContainer={"Image": "image:tag", **container},
        )


def test_a_serverless_multi_model_endpoint_is_refused(
    sagemaker: Any, multi_model: MultiModelEndpoint
) -> None:
    multi_model.configure(multi_model.name)
    variant = {
        "VariantName": "primary",
        "ModelName": multi_model.name,
        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
    }

    with pytest.raises(ClientError, match="A serverless endpoint has no Mode MultiModel"):
        sagemaker.create_endpoint_config(EndpointConfigName="serverless", ProductionVariants=[variant])


def test_a_container_without_a_list_of_models_fails_to_start(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "SAGEMAKER_MULTI_MODEL": "true", "STUB_LIST_STATUS": "404"}
    models = ModelCache(folder=tmp_path, prefix="s3://models/", download=lambda *_: None)
    container = Container(command=STUB, folder=tmp_path, environment=environment, models=models)

    with pytest.raises(ContainerError, match=r"did not pass /ping and /models in 1 s\."):
        container.start(timeout=1)


def test_a_model_over_the_load_timeout_is_not_ready_until_it_is_loaded(
    hosting: SageMakerHosting, archives: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    archives["s3://models/slow.tar.gz"] = archive(version="slow", loads_after=str(gate))
    container = {"Mode": "MultiModel", "ModelDataUrl": "s3://models"}
    hosting.models.add(
        SageMakerResource(name="one", request={"ExecutionRoleArn": MODEL_ROLE, "PrimaryContainer": container})
    )
    variant = {"ModelName": "one", "VariantName": "primary"}
    hosting.configs.add(SageMakerResource(name="one", request={"ProductionVariants": [variant]}))
    hosting.create("endpoint", "one").settled.wait(120)
    runtime = SageMakerRuntime(hosting, metrics=InvocationMetrics(record_nothing))

    def invoke() -> SageMakerResponse:
        target = {"x-amzn-sagemaker-target-model": "slow.tar.gz"}
        return asyncio.run(runtime.invoke_endpoint("endpoint", target, b"{}"))

    with monkeypatch.context() as patched:
        patched.setattr(model_cache, "LOADING_SECONDS", 0.2)
        early = invoke()
    gate.unlink()
    until(lambda: bool(loaded_models(hosting)))

    assert invoke().status == 200
    assert (early.status, json.loads(early.body)["__type"]) == (429, "ModelNotReadyException")


def record_nothing(*_arguments: object, **_options: object) -> None:
    """Takes the place of CloudWatch."""


def loaded_models(hosting: SageMakerHosting) -> list[dict[str, str]]:
    """Returns the container's own list of loaded models."""
    with hosting.lease("endpoint") as lease:
        models: list[dict[str, str]] = json.loads(
            container_client.send_request(lease.port, "GET", "/models", timeout=120, headers={}).body
        )["models"]
    return models
