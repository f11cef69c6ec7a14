"""Several front processes: balance, health, metrics, and the end of a front, of their parent and of all."""

import os
import signal
import socket
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.support.load import Load
from tests.contract.support.process import Reply, ServingProcess, read_raw, until_ended

ROW = b'{"size":0}'
METRICS = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"
PING = b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n"
HEAD = b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
REQUEST = HEAD + b"content-length: %d\r\n\r\n" % len(ROW) + ROW

TWO = {"SERVING_FRONTS": "2", "SAGEMAKER_MODEL_SERVER_WORKERS": "2"}
FOUR = {"SERVING_FRONTS": "4", "SAGEMAKER_MODEL_SERVER_WORKERS": "4"}


class ImpatientFronts(ServingProcess):
    """The program that replaces a front which is silent for a second."""

    module = "tests.contract.support.impatient"


def fronts(process: ServingProcess) -> list[int]:
    """Returns the process ids of all fronts that were started."""
    return [event["front"] for event in process.events("front started")]


def until_all_ready(process: ServingProcess, count: int) -> None:
    """Waits until so many fronts have been well, replaced ones included."""
    process.until(lambda: len({event["process"] for event in process.events("healthy")}) >= count)


def metric(process: ServingProcess, name: str) -> float:
    return value_of(name, process.get("/metrics"))


def value_of(name: str, reply: Reply) -> float:
    families = text_string_to_metric_families(reply.body.decode())
    return sum(sample.value for family in families for sample in family.samples if sample.name == name)


def until_every_front_has_published(
    process: ServingProcess, connections: Sequence[socket.socket], rows: int
) -> None:
    """Waits until all connections report so many rows: a front knows those of others from their state."""

    def reported(connection: socket.socket) -> float:
        connection.sendall(METRICS)
        return value_of("serving_rows_total", read_raw(connection, "GET"))

    process.until(lambda: all(reported(connection) == rows for connection in connections))


@pytest.mark.slow
def test_kept_connections_are_spread_evenly_over_the_fronts(base: Path) -> None:
    with ServingProcess(base, **FOUR, SERVING_LOG_SAMPLE="1") as process, ExitStack() as stack:
        until_all_ready(process, 4)
        process.until(lambda: metric(process, "serving_connections") == 1)
        connections = [stack.enter_context(process.connect()) for _ in range(16)]
        for connection in connections:
            connection.sendall(REQUEST)
        assert {read_raw(connection).status for connection in connections} == {200}

        requests = [event for event in process.events("request") if event["route"] == "invocations"]
        found = Counter(event["process"] for event in requests)
        assert {*found} == {*fronts(process)}
        # Connections of /metrics may not have ended yet when the others are opened.
        assert max(found.values()) - min(found.values()) <= 2


@pytest.mark.slow
def test_metrics_of_any_connection_are_those_of_all_fronts(base: Path) -> None:
    with ServingProcess(base, **FOUR) as process, ExitStack() as stack:
        until_all_ready(process, 4)
        connections = [stack.enter_context(process.connect()) for _ in range(8)]
        for connection in connections:
            connection.sendall(REQUEST)
            assert read_raw(connection).status == 200

        process.until(lambda: metric(process, "serving_rows_total") == 8)
        process.until(lambda: metric(process, "serving_connections") == 9)
        process.until(lambda: metric(process, "serving_workers_ready") == 4)


@pytest.mark.slow
def test_a_killed_front_is_replaced_and_only_its_connections_end(base: Path) -> None:
    with ServingProcess(base, **TWO) as process, ExitStack() as stack:
        until_all_ready(process, 2)
        connections = [stack.enter_context(process.connect()) for _ in range(8)]
        for connection in connections:
            connection.sendall(REQUEST)
            assert read_raw(connection).status == 200
        until_every_front_has_published(process, connections, rows=8)

        os.kill(fronts(process)[0], signal.SIGKILL)
        until_all_ready(process, 3)

        ended = 0
        for connection in connections:
            try:
                connection.sendall(REQUEST)
                assert read_raw(connection).status == 200
            except ConnectionError:
                ended += 1
        assert 1 <= ended <= 7
        (lost,) = process.events("front lost")
        assert lost["connections"] >= ended
        # The counts of the ended process go on.
        process.until(lambda: metric(process, "serving_rows_total") == 16 - ended)
        assert process.get("/ping").status == 200
        process.stop()
        assert process.exit_code() == 0


@pytest.mark.slow
def test_new_connections_are_served_while_a_front_is_replaced(base: Path) -> None:
    with ServingProcess(base, **TWO) as process:
        until_all_ready(process, 2)
        (base / "model" / "manifest.json").rename(base / "manifest.json")
        os.kill(fronts(process)[1], signal.SIGKILL)
        process.until(lambda: bool(process.events("front cannot serve")))

        statuses = [process.predict(ROW).status for _ in range(20)]
        process.until(lambda: process.get("/ping").status == 503)
        (base / "manifest.json").rename(base / "model" / "manifest.json")
        process.until_ready()

        assert set(statuses) == {200}
        process.stop()
        assert process.exit_code() == 0


@pytest.mark.slow
def test_a_front_that_hangs_is_replaced(base: Path) -> None:
    with ImpatientFronts(base, **TWO) as process:
        until_all_ready(process, 2)
        os.kill(fronts(process)[0], signal.SIGSTOP)
        until_all_ready(process, 3)

        # On a busy machine another front may be silent for a second too.
        assert fronts(process)[0] in [event["front"] for event in process.events("front hangs")]
        assert [process.predict(ROW).status for _ in range(4)] == [200] * 4


def test_every_front_is_unhealthy_while_one_has_no_worker(base: Path) -> None:
    with ServingProcess(base, **TWO) as process, ExitStack() as stack:
        until_all_ready(process, 2)
        connections = [stack.enter_context(process.connect()) for _ in range(4)]
        (base / "model" / "manifest.json").unlink()
        os.kill(process.events("worker ready")[0]["worker"], signal.SIGKILL)
        process.until(lambda: bool(process.events("unhealthy")))

        for connection in connections:
            while True:
                connection.sendall(PING)
                reply = read_raw(connection, "GET")
                if reply.status == 503:
                    break
        assert reply.json["detail"] == "No worker is alive."


@pytest.mark.slow
def test_a_bundle_that_no_front_can_serve_exits_with_3_and_one_event(base: Path) -> None:
    (base / "model" / "manifest.json").unlink()

    with ServingProcess(base, **FOUR) as process:
        assert process.exit_code() == 3
        [event] = [event for event in process.events() if event["level"] == "critical"]
        assert event["event"] == "model cannot be served"
        assert "no readable manifest.json" in event["reason"]


@pytest.mark.slow
def test_sigterm_with_four_fronts_loses_no_request(base: Path) -> None:
    with ServingProcess(base, **FOUR) as process:
        until_all_ready(process, 4)
        with Load(process.port, rate=500) as load:
            load.until(100)
            process.stop()
            assert process.exit_code() == 0

    assert (set(load.statuses), load.broken) == ({200}, []), process.log


def test_fronts_ignore_the_signals_of_their_parent(base: Path) -> None:
    with ServingProcess(base, **TWO) as process:
        until_all_ready(process, 2)
        for front in fronts(process):
            os.kill(front, signal.SIGTERM)
            os.kill(front, signal.SIGINT)

        assert [process.predict(ROW).status for _ in range(4)] == [200] * 4
        assert process.events("stopping") == []


def test_fronts_and_workers_of_a_killed_parent_end_even_while_they_hang(base: Path) -> None:
    with ServingProcess(base, **TWO) as process:
        until_all_ready(process, 2)
        known = [*fronts(process), *(event["worker"] for event in process.events("worker ready"))]
        os.kill(fronts(process)[0], signal.SIGSTOP)
        with until_ended(known):
            process.stop(signal.SIGKILL)
            process.exit_code()


@pytest.mark.parametrize(
    "environment",
    [{"SAGEMAKER_MULTI_MODEL": "true"}, {"SAGEMAKER_BATCH": "true"}],
    ids=["models", "transform"],
)
def test_the_multi_model_api_and_a_transform_job_have_one_front(
    base: Path, environment: dict[str, str]
) -> None:
    with ServingProcess(base, **TWO, **environment) as process:
        process.until_ready()

        assert fronts(process) == []
