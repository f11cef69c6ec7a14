"""What breaks while requests are answered, and that no client notices more than it must."""

import os
import resource
import select
import signal
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.support.load import BATCH, Load
from tests.contract.support.process import DEADLINE_SECONDS, ServingProcess, read_many, read_raw, unpack
from tests.serving.bundles import write_square_bundle

# Far more than a quiet machine needs.
A_MOMENT = 10.0

ONE = {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
TWO = {"SAGEMAKER_MODEL_SERVER_WORKERS": "2"}
ROW = b'{"size":0}'


class PoisonedProcess(ServingProcess):
    """The program with workers that some requests kill or hold up."""

    module = "tests.contract.support.poisoned"


def request(body: bytes = ROW) -> bytes:
    lines = ["POST /invocations HTTP/1.1", "host: x", "content-type: application/json"]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


def workers(process: ServingProcess) -> list[int]:
    """The workers that were ever ready."""
    return [event["worker"] for event in process.events("worker ready")]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("environment", [ONE, TWO], ids=["one worker", "two workers"])
def test_no_request_is_lost_when_workers_are_killed_and_each_is_replaced_at_once(
    base: Path, environment: dict[str, str]
) -> None:
    with ServingProcess(base, **environment) as process, Load(process.until_ready().port) as load:
        for _ in range(3):
            load.until(50)
            known = workers(process)
            os.kill(known[-1], signal.SIGKILL)
            killed = time.monotonic()
            process.until(lambda: workers(process)[-1] != known[-1])  # noqa: B023  # asked at once
            assert time.monotonic() - killed < A_MOMENT
            load.until(50)

    assert (set(load.statuses), load.broken) == ({200}, [])


def test_no_request_is_lost_when_all_workers_are_killed_at_once(base: Path) -> None:
    with ServingProcess(base, **TWO) as process, Load(process.until_ready().port) as load:
        for times in range(1, 4):
            load.until(50)
            for worker in workers(process)[-2:]:
                os.kill(worker, signal.SIGKILL)
            process.until(lambda: len(workers(process)) == 2 + 2 * times)  # noqa: B023  # asked at once
        load.until(50)

    assert (set(load.statuses), load.broken) == ({200}, [])


def test_ping_is_503_without_a_worker_and_200_again_with_its_replacement(base: Path) -> None:
    with ServingProcess(base, **ONE) as process:
        (worker,) = workers(process.until_ready())
        os.kill(worker, signal.SIGSTOP)
        os.kill(worker, signal.SIGKILL)
        process.until(lambda: process.get("/ping").status == 503)

        process.until_ready()

        assert {event["reason"] for event in process.events("unhealthy")} == {"No worker is alive."}
        assert len(workers(process)) == 2


def test_a_worker_that_hangs_is_killed_at_the_deadline_and_only_what_it_had_is_late(base: Path) -> None:
    with ServingProcess(base, **ONE) as process, process.until_ready().connect() as late:
        os.kill(workers(process)[0], signal.SIGSTOP)
        late.sendall(request())
        sent = time.monotonic()
        reply = read_raw(late)

        assert reply.status == 504
        assert 1.9 < time.monotonic() - sent < A_MOMENT
        process.until(lambda: len(workers(process)) == 2)
        assert process.predict(ROW).status == 200


def test_a_request_that_kills_its_workers_is_500_and_those_beside_it_are_answered(base: Path) -> None:
    with PoisonedProcess(base, **ONE) as process, ExitStack() as stack:
        connections = [stack.enter_context(process.until_ready().connect()) for _ in range(20)]

        for connection, kind in zip(connections, ["poison"] + ["ant"] * 19, strict=True):
            connection.sendall(request(b'{"instances":[{"size":0,"kind":"%b"}]}' % kind.encode()))
        first, *others = [read_raw(connection).status for connection in connections]

        assert first == 500
        assert set(others) == {200}
        assert len(process.events("worker lost")) == 2
        process.until_ready()


def test_a_late_request_beside_others_is_504_and_the_others_are_answered(base: Path) -> None:
    with PoisonedProcess(base, **ONE) as process, ExitStack() as stack:
        slow, *others = [stack.enter_context(process.until_ready().connect()) for _ in range(4)]
        slow.sendall(request(b'{"size":0,"kind":"sleep"}'))
        process.until(lambda: "serving_worker_requests 1.0" in process.get("/metrics").body.decode())
        for batch in others:
            batch.sendall(request(b'{"instances":[{"size":0}]}'))

        assert read_raw(slow).status == 504
        assert [read_raw(other).status for other in others] == [200, 200, 200]


def test_sigterm_under_load_loses_no_request_and_ends_with_0_within_ten_seconds(base: Path) -> None:
    with ServingProcess(base) as process, Load(process.until_ready().port, rate=500) as load:
        load.until(200)
        process.stop()
        stopped = time.monotonic()

        assert process.exit_code() == 0
        assert time.monotonic() - stopped < 10

    assert (set(load.statuses), load.broken) == ({200}, [])


def test_more_requests_than_may_wait_are_503_at_once_with_retry_after(base: Path) -> None:
    with ServingProcess(base, **ONE) as process, ExitStack() as stack:
        connections = [stack.enter_context(process.until_ready().connect()) for _ in range(24)]
        os.kill(workers(process)[0], signal.SIGSTOP)
        for connection in connections:
            connection.sendall(request(BATCH) * 60)
        asked = time.monotonic()
        # The server reads them in an order of its own, and refusals are what it can answer at once.
        told, _, _ = select.select(connections, [], [], DEADLINE_SECONDS)
        refused = read_raw(told[0])

        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert time.monotonic() - asked < 1.5
        assert process.get("/ping").status == 200


def test_three_failures_in_a_row_turn_ping_to_503_until_the_model_answers_again(tmp_path: Path) -> None:
    write_square_bundle(tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path)
    with ServingProcess(tmp_path) as process:
        process.until_ready()
        failures = [process.predict({"side": 1e30}).status for _ in range(3)]
        ping = process.get("/ping")
        answer = process.predict({"side": 2})

        assert failures == [500, 500, 500]
        assert (ping.status, ping.json["detail"]) == (503, "The model failed on 3 requests in a row.")
        assert answer.json["predictions"] == [{"value": 4}]
        process.until_ready()


def test_a_wrong_request_beside_a_failing_one_and_a_right_one_get_each_their_own(tmp_path: Path) -> None:
    write_square_bundle(tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path)
    bodies = [b'{"side":2}', b'{"side":1e30}', b"{", b'{"side":3}', b'{"side":"x"}']
    with ServingProcess(tmp_path, **ONE) as process, process.until_ready().connect() as connection:
        connection.sendall(b"".join(map(request, bodies)))

        replies = read_many(connection, len(bodies))

        assert [reply.status for reply in replies] == [200, 500, 400, 200, 422]
        assert [replies[place].json["predictions"] for place in (0, 3)] == [[{"value": 4}], [{"value": 9}]]


@pytest.mark.parametrize("event", ["worker started", "worker ready"])
def test_a_killed_server_leaves_no_worker_behind_even_one_that_hangs(base: Path, event: str) -> None:
    manifest = base / "model" / "manifest.json"
    if event == "worker started":
        # Whoever reads it waits for somebody who writes it, and sees nothing else.
        manifest.unlink()
        os.mkfifo(manifest)
    with ServingProcess(base, **TWO) as process:
        process.until(lambda: len(process.events(event)) == 2)
        known = [found["worker"] for found in process.events(event)]
        process.stop(signal.SIGKILL)
        process.exit_code()

    deadline = time.monotonic() + A_MOMENT
    while any(map(is_alive, known)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_workers_heed_no_signal_but_the_end_of_their_server(base: Path) -> None:
    with ServingProcess(base, **ONE) as process:
        (worker,) = workers(process.until_ready())
        os.kill(worker, signal.SIGTERM)
        os.kill(worker, signal.SIGINT)

        assert [process.predict(ROW).status for _ in range(3)] == [200, 200, 200]
        assert workers(process) == [worker]


def test_connections_beyond_the_descriptors_are_refused_and_harm_nobody(base: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    process = ServingProcess(base, **ONE)
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


def test_without_any_descriptor_the_server_waits_for_one_and_answers_again(base: Path) -> None:
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


def test_a_client_that_closes_its_sending_side_gets_its_answer(server: ServingProcess) -> None:
    with server.connect() as connection:
        connection.sendall(request())
        connection.shutdown(socket.SHUT_WR)

        assert read_raw(connection).status == 200
        assert connection.recv(1) == b""


def test_requests_sent_without_waiting_are_answered_in_their_order(server: ServingProcess) -> None:
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


def test_a_client_that_leaves_before_its_answer_harms_nobody(server: ServingProcess) -> None:
    for _ in range(50):
        with server.connect() as connection:
            connection.sendall(request() * 3)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    assert server.predict(ROW).status == 200
