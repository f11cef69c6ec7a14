"""Faults while requests are answered: killed and hanging workers, overload, lost connections."""

import os
import resource
import select
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.support.load import BATCH, Load
from tests.contract.support.process import (
    HANG_SECONDS,
    PoisonedProcess,
    ServingProcess,
    read_many,
    read_raw,
    unpack,
    until_ended,
)
from tests.serving.bundles import write_square_bundle

ONE = {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
TWO = {"SAGEMAKER_MODEL_SERVER_WORKERS": "2"}
TWO_FRONTS = TWO | {"SERVING_FRONTS": "2"}
ROW = b'{"size":0}'


def request(body: bytes = ROW) -> bytes:
    lines = ["POST /invocations HTTP/1.1", "host: x", "content-type: application/json"]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


def workers(process: ServingProcess) -> list[int]:
    """Returns the process ids of the workers that were ever ready."""
    return [event["worker"] for event in process.events("worker ready")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment", [ONE, TWO, TWO_FRONTS], ids=["one worker", "two workers", "two fronts"]
)
def test_no_request_is_lost_when_workers_are_killed_and_each_is_replaced(
    base: Path, environment: dict[str, str]
) -> None:
    with PoisonedProcess(base, **environment) as process, Load(process.until_ready().port) as load:
        for _ in range(3):
            load.until(50)
            known = workers(process)
            os.kill(known[-1], signal.SIGKILL)
            process.until(lambda: workers(process)[-1] != known[-1])  # noqa: B023  # called at once
            load.until(50)

    assert (set(load.statuses), load.broken) == ({200}, []), process.log


@pytest.mark.slow
@pytest.mark.parametrize("environment", [TWO, TWO_FRONTS], ids=["one front", "two fronts"])
def test_no_request_is_lost_when_all_workers_are_killed_at_once(
    base: Path, environment: dict[str, str]
) -> None:
    with PoisonedProcess(base, **environment) as process, Load(process.until_ready().port) as load:
        for times in range(1, 4):
            load.until(50)
            for worker in workers(process)[-2:]:
                os.kill(worker, signal.SIGKILL)
            process.until(lambda: len(workers(process)) >= 2 + 2 * times)  # noqa: B023  # called at once
        load.until(50)

    assert (set(load.statuses), load.broken) == ({200}, []), process.log


def test_ping_is_503_without_a_worker_and_200_again_with_its_replacement(base: Path) -> None:
    manifest = base / "model" / "manifest.json"
    content = manifest.read_bytes()
    with ServingProcess(base, **ONE) as process:
        (worker,) = workers(process.until_ready())
        # The replacement blocks in opening the pipe until something writes to it.
        manifest.unlink()
        os.mkfifo(manifest)
        os.kill(worker, signal.SIGKILL)
        process.until(lambda: process.get("/ping").status == 503)
        detail = process.get("/ping").json["detail"]

        manifest.write_bytes(content)
        process.until_ready()

        assert detail == "No worker is alive."
        assert workers(process)[-1] != worker


def test_a_worker_that_hangs_is_killed_at_the_deadline_and_replaced(base: Path) -> None:
    with ServingProcess(base, **ONE) as process, process.until_ready().connect() as late:
        os.kill(workers(process)[0], signal.SIGSTOP)
        late.sendall(request())
        reply = read_raw(late)

        assert reply.status == 504
        assert reply.json["detail"] == "The request was not answered within 2 s."
        process.until(lambda: len(workers(process)) >= 2)
        assert process.predict(ROW).status == 200


@pytest.mark.slow
def test_a_request_that_kills_two_workers_is_500_and_those_of_its_batch_are_answered(base: Path) -> None:
    with PoisonedProcess(base, **TWO) as process, ExitStack() as stack:
        connections = [stack.enter_context(process.until_ready().connect()) for _ in range(20)]

        for connection, kind in zip(connections, ["poison"] + ["ant"] * 19, strict=True):
            connection.sendall(request(b'{"instances":[{"size":0,"kind":"%b"}]}' % kind.encode()))
        first, *others = [read_raw(connection).status for connection in connections]

        assert first == 500
        assert set(others) == {200}
        process.until(lambda: len(process.events("worker lost")) == 2)
        process.until_ready()


@pytest.mark.slow
def test_a_request_past_its_deadline_is_504_and_those_behind_it_are_answered(base: Path) -> None:
    with PoisonedProcess(base, **ONE) as process, ExitStack() as stack:
        slow, *others = [stack.enter_context(process.until_ready().connect()) for _ in range(4)]
        slow.sendall(request(b'{"size":0,"kind":"sleep"}'))
        process.until(lambda: "serving_worker_requests 1.0" in process.get("/metrics").body.decode())
        for batch in others:
            batch.sendall(request(b'{"instances":[{"size":0}]}'))

        assert read_raw(slow).status == 504
        assert [read_raw(other).status for other in others] == [200, 200, 200]


@pytest.mark.slow
@pytest.mark.parametrize("environment", [TWO, TWO_FRONTS], ids=["one front", "two fronts"])
def test_sigterm_under_load_loses_no_request_and_exits_with_0(
    base: Path, environment: dict[str, str]
) -> None:
    with ServingProcess(base, **environment) as process, Load(process.until_ready().port, rate=500) as load:
        load.until(200)
        process.stop()

        assert process.exit_code() == 0

    assert (set(load.statuses), load.broken) == ({200}, []), process.log


def test_requests_over_the_limit_of_the_queue_are_503_with_retry_after(base: Path) -> None:
    with PoisonedProcess(base, **ONE) as process, ExitStack() as stack:
        busy, *connections = [stack.enter_context(process.until_ready().connect()) for _ in range(25)]
        busy.sendall(request(b'{"instances":[{"size":0,"kind":"sleep"}]}'))
        process.until(lambda: "serving_worker_requests 1.0" in process.get("/metrics").body.decode())
        for connection in connections:
            connection.sendall(request(BATCH) * 60)
        # The server reads the connections in any order; while the worker sleeps it can only refuse.
        readable, _, _ = select.select(connections, [], [], HANG_SECONDS)
        refused = read_raw(readable[0])

        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert "Too many requests" in refused.json["detail"]
        assert process.get("/ping").headers["content-type"]


def test_ping_is_503_after_three_failures_in_a_row_until_the_model_answers_again(tmp_path: Path) -> None:
    write_square_bundle(tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path)
    with ServingProcess(tmp_path, **ONE) as process:
        process.until_ready()
        failures = [process.predict({"side": 1e30}).status for _ in range(3)]
        ping = process.get("/ping")
        answer = process.predict({"side": 2})

        assert failures == [500, 500, 500]
        assert (ping.status, ping.json["detail"]) == (503, "The model failed on 3 requests in a row.")
        assert answer.json["predictions"] == [{"value": 4}]
        process.until_ready()


def test_invalid_failing_and_valid_requests_of_one_batch_each_get_their_own_response(tmp_path: Path) -> None:
    write_square_bundle(tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path)
    bodies = [b'{"side":2}', b'{"side":1e30}', b"{", b'{"side":3}', b'{"side":"x"}']
    with ServingProcess(tmp_path, **ONE) as process, process.until_ready().connect() as connection:
        connection.sendall(b"".join(map(request, bodies)))

        replies = read_many(connection, len(bodies))

        assert [reply.status for reply in replies] == [200, 500, 400, 200, 422]
        assert [replies[place].json["predictions"] for place in (0, 3)] == [[{"value": 4}], [{"value": 9}]]


@pytest.mark.parametrize("event", ["worker started", "worker ready"])
def test_the_workers_of_a_killed_server_end_even_while_they_hang(base: Path, event: str) -> None:
    manifest = base / "model" / "manifest.json"
    if event == "worker started":
        # The worker blocks in opening the pipe until something writes to it.
        manifest.unlink()
        os.mkfifo(manifest)
    with ServingProcess(base, **TWO) as process:
        process.until(lambda: len(process.events(event)) == 2)
        known = [found["worker"] for found in process.events(event)]
        with until_ended(known):
            process.stop(signal.SIGKILL)
            process.exit_code()


def test_workers_ignore_sigterm_and_sigint(base: Path) -> None:
    with ServingProcess(base, **ONE) as process:
        (worker,) = workers(process.until_ready())
        os.kill(worker, signal.SIGTERM)
        os.kill(worker, signal.SIGINT)

        assert [process.predict(ROW).status for _ in range(3)] == [200, 200, 200]
        assert workers(process) == [worker]


def test_connections_over_the_limit_of_file_descriptors_are_refused_and_the_others_go_on(base: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        process = ServingProcess(base, **ONE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with process, process.until_ready().connect() as early, ExitStack() as stack:
        early.sendall(request())
        first = read_raw(early).status
        crowd = [stack.enter_context(process.connect()) for _ in range(80)]
        refused = read_raw(crowd[-1])
        early.sendall(request())

        assert (first, read_raw(early).status) == (200, 200)
        assert (refused.status, refused.headers["connection"]) == (503, "close")
        stack.close()
        process.until_ready()


def test_without_a_free_file_descriptor_the_server_waits_for_one_and_answers_again(base: Path) -> None:
    with (
        ServingProcess(base, **ONE) as process,
        process.until_ready().connect() as early,
        ExitStack() as stack,
    ):
        held = len([*Path(f"/proc/{process.pid}/fd").iterdir()])
        process.limit_descriptors(held)
        for _ in range(20):
            stack.enter_context(process.connect())
        early.sendall(request())

        assert read_raw(early).status == 200
        process.limit_descriptors(4096)
        process.until_ready()
        assert process.predict(ROW).status == 200


def test_a_client_that_closes_its_sending_side_gets_its_response(server: ServingProcess) -> None:
    with server.connect() as connection:
        connection.sendall(request())
        connection.shutdown(socket.SHUT_WR)

        assert read_raw(connection).status == 200
        assert connection.recv(1) == b""


def test_pipelined_requests_are_answered_in_their_order(server: ServingProcess) -> None:
    sizes = [place / 2 for place in range(100)]
    ping = b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n"
    with server.connect() as connection:
        for size in sizes:
            connection.sendall(request(b'{"size":%.1f}' % size) + ping)
        replies = read_many(connection, 2 * len(sizes))

    found = [answer.json["predictions"][0]["probability"] for answer in replies[::2]]
    assert found == sorted(found)
    assert len(set(found)) > 20
    assert {reply.json["status"] for reply in replies[1::2]} == {"healthy"}


def test_clients_that_leave_before_their_response_do_not_affect_others(server: ServingProcess) -> None:
    for _ in range(50):
        with server.connect() as connection:
            connection.sendall(request() * 3)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    assert server.predict(ROW).status == 200
