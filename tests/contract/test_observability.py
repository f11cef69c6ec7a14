"""The log and GET /metrics."""

import os
import signal
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.support.process import ServingProcess, unpack
from tests.reference import REFERENCE
from tests.tiny_bundle import write_tiny_bundle

ONE = {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}


def metrics(process: ServingProcess) -> dict[str, float]:
    reply = process.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=")
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(reply.body.decode())
        for sample in family.samples
    }


def test_metrics_have_requests_rows_model_and_workers(base: Path) -> None:
    with ServingProcess(base, **ONE) as process:
        answer = process.until_ready().predict({"instances": [{"size": 0}, {"size": 1}]})
        process.predict(b"{")

        found = metrics(process)

        assert found["serving_requests_total invocations 200"] == 1
        assert found["serving_requests_total invocations 400"] == 1
        assert found["serving_rows_total"] == 2
        assert found["serving_request_seconds_count"] == 2
        assert found[f"serving_model_info tiny {answer.json['model']['version']}"] == 1
        assert (found["serving_workers_ready"], found["serving_queue_requests"]) == (1, 0)


def test_metrics_count_warnings_by_kind(tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "model.tar.gz", reference=REFERENCE)
    unpack(tmp_path / "model.tar.gz", tmp_path)
    with ServingProcess(tmp_path, **ONE) as process:
        process.until_ready().predict({"size": 11, "kind": "ant"})
        process.predict({"instances": [{"size": 12}, {"size": 5, "kind": "bee"}]})
        json_type = {"content-type": "application/json"}
        process.send("POST", "/invocations?strict=true", b'{"size": 5}', json_type)

        found = metrics(process)

        assert found["serving_warnings_total out_of_range"] == 2
        assert found["serving_warnings_total little_known"] == 2
        assert found["serving_requests_total invocations 422"] == 1


def test_metrics_count_the_replaced_workers(base: Path) -> None:
    with ServingProcess(base, **ONE) as process:
        (event,) = process.until_ready().events("worker ready")
        os.kill(event["worker"], signal.SIGKILL)
        process.until(lambda: len(process.events("worker ready")) >= 2)

        # A replacement can be lost too, when the machine is too busy for its first self-tests.
        found = metrics(process)["serving_worker_restarts_total"]
        assert found == len(process.events("worker lost")) >= 1


def test_every_change_of_state_is_one_event(base: Path) -> None:
    with ServingProcess(base, **ONE) as process:
        process.until(lambda: bool(process.events("healthy")))
        process.stop()
        assert process.exit_code() == 0

        changes = [event["event"] for event in process.events() if event["event"] != "request"]
        assert changes == [
            "listening",
            "worker started",
            "worker ready",
            "healthy",
            "stopping",
            "unhealthy",
            "stopped",
        ]
        assert all(event["time"] and event["level"] for event in process.events())


@pytest.mark.parametrize(("sample", "logged"), [("1", 3), ("0", 0)])
def test_a_sample_of_requests_is_logged_without_their_bodies(base: Path, sample: str, logged: int) -> None:
    with ServingProcess(base, SERVING_LOG_SAMPLE=sample) as process:
        for _ in range(3):
            process.until_ready().predict({"size": 0, "kind": "secret"})

        logged_events = [event for event in process.events("request") if event["route"] == "invocations"]
        assert len(logged_events) == logged
        assert all((event["status"], event["rows"]) == (200, 1) for event in logged_events)
        assert "secret" not in process.log
