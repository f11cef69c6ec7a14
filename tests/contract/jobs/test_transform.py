"""Batch transform: the container's contract with SageMaker in a transform job.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundle import MAX_BODY_BYTES
from tests.contract.conftest import unpack_tiny_bundle
from tests.contract.support.process import ServingProcess, assert_problem

JSON_LINES = {"content-type": "application/jsonlines"}


@pytest.fixture(scope="module")
def transform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingProcess]:
    """A server as in a transform job with MaxPayloadInMB 2."""
    base = tmp_path_factory.mktemp("transform")
    unpack_tiny_bundle(base)
    environment = {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": "2",
        "SAGEMAKER_BATCH_STRATEGY": "MULTI_RECORD",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "1",
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
    }
    with ServingProcess(base, **environment) as process:
        yield process.until_ready()


@pytest.mark.slow
def test_the_execution_parameters_are_the_limits_of_the_server(
    server: ServingProcess, transform: ServingProcess
) -> None:
    endpoint, job = (process.get("/execution-parameters").json for process in (server, transform))

    assert job == {"MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 2}
    assert endpoint["MaxPayloadInMB"] == MAX_BODY_BYTES >> 20


def test_a_payload_of_the_limit_with_invalid_rows_gets_a_line_for_each_line(
    transform: ServingProcess,
) -> None:
    rows = 60_000
    lines = [b'{"size":%d,"kind":"ant"}' % (row % 1_000 and 50) for row in range(rows)]
    lines[777] = b"{}"
    body = b"\n".join(lines)
    assert MAX_BODY_BYTES < len(body) <= 2 * MAX_BODY_BYTES

    reply = transform.send("POST", "/invocations", body, JSON_LINES)

    assert (reply.status, reply.headers["content-type"]) == (200, "application/jsonlines")
    found = [json.loads(line) for line in reply.body.splitlines()]
    assert len(found) == rows
    assert [row for row, outcome in enumerate(found) if "errors" in outcome] == [777]
    assert found[1_000] == {"label": "yes", "probability": 0.5}
    assert "serving_rows_total 59999" in transform.get("/metrics").body.decode()


def test_a_payload_over_the_limit_is_413(transform: ServingProcess) -> None:
    reply = transform.send(
        "POST", "/invocations", b"0\n" * (MAX_BODY_BYTES + 1), {"content-type": "text/csv"}
    )

    assert_problem(reply, 413)
    assert "MaxPayloadInMB" in reply.json["detail"]


def test_the_environment_of_a_job_sets_the_options_of_its_requests(base: Path) -> None:
    environment = {"SAGEMAKER_BATCH": "true", "SERVING_TRANSFORM_OPTIONS": "threshold=0.6"}
    with ServingProcess(base, **environment) as process:
        process.until_ready()
        valid = process.send("POST", "/invocations", b'{"size":0}\n', JSON_LINES)
        invalid = process.send("POST", "/invocations", b'{"size":0}\n{}\n', JSON_LINES)

    assert valid.json == {"label": "no", "probability": 0.5}
    assert_problem(invalid, 422)
