"""An endpoint of several models: updated, deleted, refused, slow to load."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.sagemaker.catalog import SageMakerResource
from local.sagemaker.hosting import container_client, model_cache
from local.sagemaker.hosting.container import Container
from local.sagemaker.hosting.errors import ContainerError
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.hosting.model_cache import ModelCache
from local.sagemaker.hosting.runtime import SageMakerRuntime
from local.sagemaker.response import SageMakerResponse
from tests.local.conftest import make_config
from tests.local.model_archives import STUB, archive
from tests.local.polling import until
from tests.local.sagemaker.hosting.multi_model import Several


def test_an_update_to_another_set_serves_that_and_a_deletion_none(several: Several) -> None:
    several.start()
    first = several.invoke("a")["pid"]
    several.add("a", folder="other", version="newer")
    several.configure(f"{several.name}-two", folder="other/")

    several.aws.client("sagemaker").update_endpoint(
        EndpointName=several.name, EndpointConfigName=f"{several.name}-two"
    )
    several.settle()

    after = several.invoke("a")
    assert (after["version"], after["loaded"]) == ("newer", ["newer"])
    assert after["pid"] != first
    several.aws.client("sagemaker").delete_endpoint(EndpointName=several.name)
    until(lambda: not list((several.aws.state / "endpoints" / several.name).glob("*/models")))
    assert several.refuse("a")["Error"]["Message"].endswith("not found.")


def test_an_endpoint_may_go_from_one_model_to_several_and_back(several: Several) -> None:
    sagemaker = several.aws.client("sagemaker")
    single = make_config(sagemaker, f"{several.name}-one", several.upload("one.tar.gz", version="one"))
    several.start()

    sagemaker.update_endpoint(EndpointName=several.name, EndpointConfigName=single)
    several.settle()
    assert several.invoke(None)["version"] == "one"

    sagemaker.update_endpoint(EndpointName=several.name, EndpointConfigName=several.name)
    several.settle()
    assert several.invoke("a")["version"] == "a"


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ({"Mode": "MultiModel"}, "needs ModelDataUrl"),
        ({"Mode": "Both", "ModelDataUrl": "s3://b/k"}, r"enum value set: \[SingleModel, MultiModel\]"),
    ],
)
def test_a_model_of_a_mode_that_cannot_be_is_refused(
    sagemaker: Any, container: dict[str, str], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        sagemaker.create_model(ModelName="wrong", PrimaryContainer={"Image": "image:tag", **container})


def test_several_models_are_not_hosted_serverless(sagemaker: Any, several: Several) -> None:
    several.configure(several.name)
    variant = {
        "VariantName": "primary",
        "ModelName": several.name,
        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
    }

    with pytest.raises(ClientError, match="A serverless endpoint has no Mode MultiModel"):
        sagemaker.create_endpoint_config(EndpointConfigName="serverless", ProductionVariants=[variant])


def test_a_container_that_knows_no_list_of_models_fails_its_start(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "SAGEMAKER_MULTI_MODEL": "true", "STUB_LIST": "404"}
    models = ModelCache(folder=tmp_path, prefix="s3://models/", download=lambda *_: None)
    container = Container(command=STUB, folder=tmp_path, environment=environment, models=models)

    with pytest.raises(ContainerError, match=r"did not pass /ping and /models in 1 s\."):
        container.start(timeout=1)


def test_a_model_that_is_not_loaded_in_time_is_not_ready_and_later_it_is(
    hosting: SageMakerHosting, archives: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    archives["s3://models/slow.tar.gz"] = archive(version="slow", loads_after=str(gate))
    container = {"Mode": "MultiModel", "ModelDataUrl": "s3://models"}
    hosting.models.add(SageMakerResource(name="one", request={"PrimaryContainer": container}))
    variant = {"ModelName": "one", "VariantName": "primary"}
    hosting.configs.add(SageMakerResource(name="one", request={"ProductionVariants": [variant]}))
    hosting.create("endpoint", "one").settled.wait(120)
    runtime = SageMakerRuntime(hosting)

    def ask() -> SageMakerResponse:
        target = {"x-amzn-sagemaker-target-model": "slow.tar.gz"}
        return asyncio.run(runtime.invoke_endpoint("endpoint", target, b"{}"))

    with monkeypatch.context() as patched:
        patched.setattr(model_cache, "LOADING_SECONDS", 0.2)
        early = ask()
    gate.unlink()
    until(lambda: bool(listed(hosting)))

    assert ask().status == 200
    assert (early.status, json.loads(early.body)["__type"]) == (429, "ModelNotReadyException")


def listed(hosting: SageMakerHosting) -> list[dict[str, str]]:
    """The models that the container itself says it has."""
    with hosting.lease("endpoint") as (_, port, _):
        models: list[dict[str, str]] = json.loads(
            container_client.send_request(port, "GET", "/models", timeout=120, headers={}).body
        )["models"]
    return models
