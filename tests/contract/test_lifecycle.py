"""Start and stop: arguments, /ping before the model is ready, exit codes, signals."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from bundle import Golden, write_archive
from tests.contract.support.process import HOST, ServingProcess, read_raw, unpack
from tests.tiny_bundle import EXAMPLE, tiny_graph, tiny_manifest, write_tiny_bundle

PREDICT = (
    b"POST /invocations HTTP/1.1\r\nhost: model\r\ncontent-type: application/json\r\n"
    b"content-length: 10\r\n\r\n"
)


@pytest.mark.parametrize("arguments", [("train",), ("serve", "twice"), ("",)], ids=["train", "two", "empty"])
def test_an_unknown_argument_prints_the_usage_and_exits_with_2(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with ServingProcess(tmp_path, *arguments) as process:
        assert process.exit_code() == 2
        assert "usage: python -m serving" in process.log


@pytest.mark.parametrize(
    "port", ["http", "-1", "65536", "", "9" * 5_000], ids=["word", "negative", "large", "empty", "huge"]
)
def test_an_invalid_port_exits_with_2_and_names_its_variable(tmp_path: Path, port: str) -> None:
    with ServingProcess(tmp_path, SAGEMAKER_BIND_TO_PORT=port) as process:
        assert process.exit_code() == 2
        assert f"SAGEMAKER_BIND_TO_PORT is {port!r}" in process.log


def test_a_port_in_use_exits_with_1_and_one_event(server: ServingProcess, base: Path) -> None:
    with ServingProcess(base, SAGEMAKER_BIND_TO_PORT=str(server.port)) as process:
        assert process.exit_code() == 1
        (event,) = process.events()
        assert (event["level"], event["event"]) == ("critical", "cannot listen")
        assert (event["host"], event["port"]) == (HOST, server.port)
        assert event["reason"].startswith("Address already in use")


def test_ping_is_503_while_the_model_is_loaded_and_200_afterwards(base: Path) -> None:
    manifest = base / "model" / "manifest.json"
    content = manifest.read_bytes()
    manifest.unlink()
    os.mkfifo(manifest)

    with ServingProcess(base, SAGEMAKER_MODEL_SERVER_WORKERS="1") as process:
        before, early = process.get("/ping"), process.predict(EXAMPLE)
        manifest.write_bytes(content)
        process.until_ready()

        assert (before.status, before.json["detail"]) == (503, "The model is being loaded.")
        assert (early.status, early.headers["retry-after"]) == (503, "1")
        assert process.predict(EXAMPLE).status == 200


def missing(model: Path) -> None:
    (model / "manifest.json").unlink()


def altered(model: Path) -> None:
    with (model / "model.onnx").open("ab") as graph:
        graph.write(b"\0")


def truncated(model: Path) -> None:
    manifest = model / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-10])


def mistaken(model: Path) -> None:
    golden = (Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.75}),)
    write_tiny_bundle(model.parent / "mistaken.tar.gz", golden=golden)
    unpack(model.parent / "mistaken.tar.gz", model.parent)


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (missing, "no readable manifest.json"),
        (altered, "sha256"),
        (truncated, "manifest.json is not valid"),
        (mistaken, "The model answers its golden row with "),
    ],
)
def test_a_bundle_that_cannot_be_served_exits_with_3_and_one_event_with_the_cause(
    base: Path, spoil: Callable[[Path], None], cause: str
) -> None:
    spoil(base / "model")

    with ServingProcess(base) as process:
        assert process.exit_code() == 3
        errors = [event for event in process.events() if event["level"] in ("error", "critical")]
        assert [cause in event["reason"] for event in errors] == [True], process.log


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_after_a_signal_ping_is_503_requests_are_still_answered_and_the_exit_code_is_0(
    base: Path, signum: signal.Signals
) -> None:
    # Requests under way keep the server from ending, so that the case does not depend on its timing.
    ping_start, ping_rest = b"GET /ping HTTP/1.1\r\n", b"host: x\r\n\r\n"
    predict_start, predict_rest = PREDICT[:20], PREDICT[20:] + b'{"size":0}'
    with (
        ServingProcess(base) as process,
        process.until_ready().connect() as pinging,
        process.connect() as predicting,
    ):
        pinging.sendall(ping_start)
        predicting.sendall(predict_start)
        process.until(lambda: b"serving_connections 3.0" in process.get("/metrics").body)
        process.stop(signum)
        process.until(lambda: any(process.events("stopping")))
        pinging.sendall(ping_rest)
        predicting.sendall(predict_rest)
        ping, answer = read_raw(pinging, "GET"), read_raw(predicting)

        assert (ping.status, ping.json["detail"]) == (503, "The process is stopping.")
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert process.exit_code() == 0


def test_a_request_under_way_is_answered_after_sigterm(base: Path) -> None:
    with ServingProcess(base) as process, process.until_ready().connect() as connection:
        connection.sendall(PREDICT[:-2] + b"expect: 100-continue\r\n\r\n")
        assert connection.recv(1_000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        process.stop()
        process.until_refusing()
        connection.sendall(b'{"size":0}')
        reply = read_raw(connection)

        assert (reply.status, reply.headers["connection"]) == (200, "close")
        assert process.exit_code() == 0


def test_sigterm_while_the_model_is_loaded_exits_with_0(base: Path) -> None:
    manifest = base / "model" / "manifest.json"
    manifest.unlink()
    os.mkfifo(manifest)

    with ServingProcess(base) as process:
        assert process.get("/ping").status == 503
        process.stop()

        assert process.exit_code() == 0


def test_sigterm_while_the_runtime_loads_the_graph_exits_with_0(tmp_path: Path) -> None:
    model = slow_graph().SerializeToString()
    write_archive(tmp_path / "model.tar.gz", manifest=tiny_manifest(), model=model)
    unpack(tmp_path / "model.tar.gz", tmp_path)

    with ServingProcess(tmp_path) as process:
        assert process.get("/ping").json["detail"] == "The model is being loaded."
        process.stop()

        assert process.exit_code() == 0


def slow_graph() -> onnx.ModelProto:
    """Returns the tiny graph behind a product of large matrices, which takes the runtime seconds to load."""
    matrices = [
        helper.make_node("ConstantOfShape", ["shape"], ["0"]),
        *(helper.make_node("MatMul", [f"{factor}", "0"], [f"{factor + 1}"]) for factor in range(20)),
        helper.make_node("ReduceMax", ["20"], ["zero"], keepdims=0),
    ]
    model = tiny_graph()
    model.graph.initializer.append(numpy_helper.from_array(np.array([2_000, 2_000]), "shape"))
    nodes = [*matrices, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.remove(next(value for value in model.graph.initializer if value.name == "zero"))
    return model


@pytest.mark.slow
def test_the_program_writes_only_its_log(base: Path) -> None:
    with ServingProcess(base) as process:
        process.until_ready().predict(EXAMPLE)
        process.stop()

        assert process.exit_code() == 0
        assert list(process.home.rglob("*")) == []
        assert {path.name for path in base.iterdir()} == {"home", "log", "model", "model.tar.gz"}
