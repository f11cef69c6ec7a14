"""Several models behind one endpoint, as boto3 sees them."""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.aws import LocalAws
from local.sagemaker import model_cache, reply
from local.sagemaker.catalog import Resource
from local.sagemaker.container import Container
from local.sagemaker.errors import ContainerError
from local.sagemaker.hosting import Hosting
from local.sagemaker.model_cache import ModelCache
from local.sagemaker.runtime import Runtime
from local.sagemaker.wire import Response
from tests.local.conftest import make_config
from tests.local.models import STUB, archive
from tests.local.polling import until

Upload = Callable[..., str]


@dataclass(frozen=True, kw_only=True)
class Several:
    """An endpoint with several models, whose archives are in the folder `set` of a bucket of its own."""

    aws: LocalAws
    name: str
    upload: Upload

    def start(self, *, room: int = 9) -> None:
        """Bring it into service."""
        self.configure(self.name, room=room)
        sagemaker = self.aws.client("sagemaker")
        sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=self.name)
        self.settle()

    def configure(self, name: str, *, room: int = 9, folder: str = "set/") -> None:
        environment = {"STUB_ROOM": str(room)}
        url = f"s3://{self.name}/{folder}"
        make_config(self.aws.client("sagemaker"), name, url, Mode="MultiModel", Environment=environment)

    def settle(self) -> None:
        waiter = self.aws.client("sagemaker").get_waiter("endpoint_in_service")
        waiter.wait(EndpointName=self.name, WaiterConfig={"Delay": 0.05})

    def add(self, name: str, *, folder: str = "set", **behaviour: object) -> None:
        """Put a model there whose version is its name."""
        self.upload(f"{folder}/{name}.tar.gz", **{"version": name, **behaviour})

    def invoke(self, name: str | None, **orders: object) -> dict[str, Any]:
        """Ask one of the models once."""
        runtime = boto3.client(
            "sagemaker-runtime",
            endpoint_url=self.aws.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        target = {} if name is None else {"TargetModel": f"{name}.tar.gz"}
        answer = runtime.invoke_endpoint(
            EndpointName=self.name, Body=json.dumps(orders), CustomAttributes="a=b", **target
        )
        content: dict[str, Any] = json.loads(answer["Body"].read())
        return content

    def refuse(self, name: str | None, **orders: object) -> dict[str, Any]:
        """Ask one of the models in vain; the error."""
        with pytest.raises(ClientError) as raised:
            self.invoke(name, **orders)
        response: dict[str, Any] = raised.value.response
        return response


@pytest.fixture
def several(aws: LocalAws, bucket: str, upload: Upload) -> Iterator[Several]:
    several = Several(aws=aws, name=bucket, upload=upload)
    several.add("a")
    several.add("b")
    yield several
    with suppress(ClientError):
        aws.client("sagemaker").delete_endpoint(EndpointName=bucket)


def test_each_model_answers_by_the_name_of_its_archive_in_one_process(several: Several) -> None:
    several.start()

    answers = [several.invoke(name) for name in ("a", "b", "a")]

    assert [answer["version"] for answer in answers] == ["a", "b", "a"]
    assert len({answer["pid"] for answer in answers}) == 1
    assert [answer["loaded"] for answer in answers] == [["a"], ["a", "b"], ["a", "b"]]


def test_the_container_learns_of_the_several_models_and_of_the_one_that_is_meant(several: Several) -> None:
    several.start()

    answer = several.invoke("b")

    assert answer["environment"]["SAGEMAKER_MULTI_MODEL"] == "true"
    assert answer["headers"]["x-amzn-sagemaker-target-model"] == "b.tar.gz"
    assert answer["headers"]["x-amzn-sagemaker-custom-attributes"] == "a=b"


def test_a_model_that_is_put_there_later_is_found(several: Several) -> None:
    several.start()
    several.add("later")

    assert several.invoke("later")["version"] == "later"


def test_without_room_the_model_that_was_not_asked_for_the_longest_time_makes_it(several: Several) -> None:
    several.add("c")
    several.start(room=2)
    for name in ("a", "b", "a"):
        several.invoke(name)

    assert several.invoke("c")["loaded"] == ["a", "c"]
    assert several.invoke("b")["loaded"] == ["b", "c"]


def test_a_model_for_which_there_is_no_room_at_all_is_a_model_error(several: Several) -> None:
    several.start(room=0)

    error = several.refuse("a")

    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 507)


def test_a_request_without_a_model_is_a_validation_error(several: Several) -> None:
    several.start()

    error = several.refuse(None)

    assert (error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"]) == (400, "ValidationError")
    assert error["Error"]["Message"].endswith(" is missing a target model header.")


def test_a_model_for_an_endpoint_of_one_is_a_validation_error(several: Several, endpoint: str) -> None:
    assert endpoint == several.name

    error = several.refuse("a")

    assert error["Error"]["Code"] == "ValidationError"
    assert error["Error"]["Message"] == (
        f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header."
    )


@pytest.mark.parametrize(
    ("target", "content"),
    [("nothing", None), ("../set/a", None), ("broken", b"no archive")],
    ids=["not there", "elsewhere", "no archive"],
)
def test_an_archive_that_cannot_be_had_is_a_validation_error_until_it_can(
    several: Several, target: str, content: bytes | None
) -> None:
    several.start()
    if content:
        several.upload(f"set/{target}.tar.gz", content=content)

    error = several.refuse(target)

    assert error["Error"]["Code"] == "ValidationError"
    assert f"s3://{several.name}/set/{target}.tar.gz" in error["Error"]["Message"]
    assert several.invoke("a")["loaded"] == ["a"]
    several.add(target)
    assert several.invoke(target)["version"] == target


def test_a_model_that_cannot_be_loaded_is_a_model_error_and_leaves_the_other(several: Several) -> None:
    several.add("bad", load=500)
    several.start()

    error = several.refuse("bad")

    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 500)
    assert json.loads(error["OriginalMessage"]) == {"of": "loading"}
    assert several.invoke("a")["loaded"] == ["a"]


def test_what_one_model_refuses_is_a_model_error_and_leaves_the_other(several: Several) -> None:
    several.start()

    assert several.refuse("a", status=422)["OriginalStatusCode"] == 422
    assert several.invoke("b")["version"] == "b"


def test_models_that_are_asked_for_the_first_time_by_many_at_once_answer_all_of_them(
    several: Several,
) -> None:
    several.start()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(several.invoke, ["a", "b"] * 8))

    assert [answer["version"] for answer in answers] == ["a", "b"] * 8


def test_a_model_that_loads_for_long_is_not_in_the_others_way(several: Several, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    several.add("slow", loads_after=str(gate))
    several.start()
    several.invoke("a")

    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(several.invoke, "slow")
        until(gate.with_suffix(".reached").exists)
        assert several.invoke("a")["version"] == "a"
        gate.unlink()

        assert waiting.result()["version"] == "slow"


def test_a_process_that_was_started_again_gets_its_models_again(several: Several) -> None:
    several.start()
    first = several.invoke("a")["pid"]
    several.invoke("b")

    os.kill(first, signal.SIGKILL)
    until(lambda: answers_again(several, "b"))

    assert several.invoke("b")["pid"] != first
    assert several.invoke("a")["loaded"] == ["a", "b"]


def answers_again(several: Several, name: str) -> bool:
    with suppress(ClientError):
        return bool(several.invoke(name))
    return False


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
    models = ModelCache(folder=tmp_path, prefix="s3://models/", fetch=lambda *_: None)
    container = Container(command=STUB, folder=tmp_path, environment=environment, models=models)

    with pytest.raises(ContainerError, match=r"did not pass /ping and /models in 1 s\."):
        container.start(timeout=1)


def test_a_model_that_is_not_loaded_in_time_is_not_ready_and_later_it_is(
    hosting: Hosting, archives: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    archives["s3://models/slow.tar.gz"] = archive(version="slow", loads_after=str(gate))
    container = {"Mode": "MultiModel", "ModelDataUrl": "s3://models"}
    hosting.models.add(Resource(name="one", request={"PrimaryContainer": container}))
    variant = {"ModelName": "one", "VariantName": "primary"}
    hosting.configs.add(Resource(name="one", request={"ProductionVariants": [variant]}))
    hosting.create("endpoint", "one").settled.wait(30)
    runtime = Runtime(hosting)

    def ask() -> Response:
        target = {"x-amzn-sagemaker-target-model": "slow.tar.gz"}
        return asyncio.run(runtime.answer("endpoint", target, b"{}"))

    monkeypatch.setattr(model_cache, "LOADING_SECONDS", 0.2)
    early = ask()
    gate.unlink()
    until(lambda: bool(listed(hosting)))

    assert ask().status == 200
    assert (early.status, json.loads(early.body)["__type"]) == (429, "ModelNotReadyException")


def listed(hosting: Hosting) -> list[dict[str, str]]:
    """The models that the container itself says it has."""
    with hosting.lease("endpoint") as (_, port, _):
        models: list[dict[str, str]] = json.loads(
            reply.ask(port, "GET", "/models", timeout=5, headers={}).body
        )["models"]
    return models
