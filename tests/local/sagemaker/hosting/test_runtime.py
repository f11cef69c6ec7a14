"""InvokeEndpoint, through boto3."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.hosting.runtime import INVOKE_ENDPOINT_MAX_BODY_BYTES, SageMakerRuntime
from local.sagemaker.invocation_metrics import InvocationMetrics
from tests.local.conftest import make_config
from tests.local.polling import PATIENT_WAITER, until
from tests.local.sagemaker.hosting.conftest import Configure


def invoke(runtime: Any, name: str, **instructions: object) -> dict[str, Any]:
    answer = runtime.invoke_endpoint(
        EndpointName=name, Body=json.dumps(instructions), ContentType="application/json"
    )
    content: dict[str, Any] = json.loads(answer["Body"].read())
    return content


def error_of(call: Callable[..., Any], *arguments: Any, **parameters: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as raised:
        call(*arguments, **parameters)
    response: dict[str, Any] = raised.value.response
    return response


def test_an_invocation_passes_headers_and_body_to_the_container_and_back(runtime: Any, endpoint: str) -> None:
    answer = runtime.invoke_endpoint(
        EndpointName=endpoint,
        Body=b"1,2,3",
        ContentType="text/csv; header=absent; charset=utf-8",
        Accept="text/csv; header=absent, application/json;q=0.5",
        CustomAttributes="on_error=skip&threshold=0.4",
    )

    assert answer["InvokedProductionVariant"] == "primary"
    assert answer["ContentType"] == "application/json; stub=1"
    assert answer["CustomAttributes"] == "from-the-container"
    content = json.loads(answer["Body"].read())
    assert (content["version"], content["body"]) == ("one", "1,2,3")
    assert content["headers"]["content-type"] == "text/csv; header=absent; charset=utf-8"
    assert content["headers"]["accept"] == "text/csv; header=absent, application/json;q=0.5"
    assert content["headers"]["x-amzn-sagemaker-custom-attributes"] == "on_error=skip&threshold=0.4"
    assert "authorization" not in content["headers"]


def test_the_container_has_no_credentials_of_aws(runtime: Any, endpoint: str) -> None:
    environment = invoke(runtime, endpoint)["environment"]

    assert [name for name in environment if name.startswith("AWS_")] == []


def test_an_unknown_endpoint_is_a_validation_error(runtime: Any) -> None:
    error = error_of(runtime.invoke_endpoint, EndpointName="nothing", Body=b"{}")

    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Error"] == {
        "Code": "ValidationError",
        "Message": "Endpoint nothing of account 000000000000 not found.",
    }


@pytest.mark.parametrize(
    ("status", "kind"), [(406, "client"), (413, "client"), (422, "client"), (500, "server"), (503, "server")]
)
def test_an_error_status_of_the_container_is_a_model_error(
    runtime: Any, endpoint: str, status: int, kind: str
) -> None:
    error = error_of(invoke, runtime, endpoint, status=status)

    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["Error"]["Code"] == "ModelError"
    assert error["Error"]["Message"].startswith(
        f"Received {kind} error ({status}) from primary with message "
    )
    assert error["OriginalStatusCode"] == status
    assert json.loads(error["OriginalMessage"])["version"] == "one"
    assert error["LogStreamArn"].endswith(f"log-group:/aws/sagemaker/Endpoints/{endpoint}")


def test_a_dropped_connection_is_a_model_error(runtime: Any, endpoint: str) -> None:
    error = error_of(invoke, runtime, endpoint, drop=True)

    assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 0)


def test_a_container_that_does_not_listen_is_unavailable(runtime: Any, endpoint: str) -> None:
    invoke(runtime, endpoint, stop_listening=True)

    error = error_of(invoke, runtime, endpoint)

    assert (error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"]) == (
        503,
        "ServiceUnavailable",
    )


def test_a_timeout_of_the_container_is_a_model_error(
    hosting: SageMakerHosting, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosting.create("slow", configure("one")).settled.wait(120)
    gate = tmp_path / "gate"
    gate.touch()
    monkeypatch.setattr("local.sagemaker.hosting.runtime.INVOCATION_SECONDS", 0.2)

    recorded: dict[str, float] = {}

    def record(_namespace: str, name: str, value: float, /, **_options: Any) -> None:
        recorded[name] = value

    runtime = SageMakerRuntime(hosting, metrics=InvocationMetrics(record))

    answer = asyncio.run(runtime.invoke_endpoint("slow", {}, json.dumps({"gate": str(gate)}).encode()))

    gate.unlink()
    assert answer.status == 424
    assert json.loads(answer.body)["OriginalStatusCode"] == 0
    assert "Your invocation timed out" in json.loads(answer.body)["OriginalMessage"]
    assert recorded["InvocationModelErrors"] == 1
    assert (recorded["Invocation4XXErrors"], recorded["Invocation5XXErrors"]) == (0, 0)
    assert recorded["ModelLatency"] >= 200_000


def test_a_body_over_the_limit_is_refused(runtime: Any, endpoint: str) -> None:
    error = error_of(
        runtime.invoke_endpoint, EndpointName=endpoint, Body=b" " * (INVOKE_ENDPOINT_MAX_BODY_BYTES + 1)
    )

    assert error["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_a_killed_container_is_unavailable_until_its_restart(
    aws: LocalAws, sagemaker: Any, runtime: Any, upload: Callable[..., str], bucket: str, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    make_config(sagemaker, bucket, upload("model.tar.gz", fails_while=str(broken)))
    sagemaker.create_endpoint(EndpointName=bucket, EndpointConfigName=bucket)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=bucket, WaiterConfig=PATIENT_WAITER)
    first = invoke(runtime, bucket)["pid"]
    broken.touch()
    os.kill(first, signal.SIGKILL)
    log = aws.state / "endpoints" / bucket
    until(lambda: any("cannot load" in file.read_text() for file in log.glob("*.log")))

    error = error_of(invoke, runtime, bucket)

    assert (error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"]) == (
        503,
        "ServiceUnavailable",
    )

    broken.unlink()
    until(lambda: is_available(runtime, bucket))
    assert invoke(runtime, bucket)["pid"] != first


def is_available(runtime: Any, name: str) -> bool:
    try:
        return bool(invoke(runtime, name))
    except ClientError:
        return False
