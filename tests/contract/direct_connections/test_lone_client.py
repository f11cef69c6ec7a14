"""One client alone: a worker answers its connection itself, and nobody notices but by the time it takes."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.support.load import BATCH
from tests.contract.support.process import PoisonedProcess, Reply, ServingProcess, read_many, read_raw
from tests.contract.test_observability import metrics

ONE = {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
TWO = {"SAGEMAKER_MODEL_SERVER_WORKERS": "2"}
TWO_FRONTS = TWO | {"SERVING_FRONTS": "2"}
ROW = b'{"size":0}'
PING = b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n"
DATE = re.compile(rb"\r\ndate: [^\r]*")


def request(body: bytes = ROW) -> bytes:
    lines = ["POST /invocations HTTP/1.1", "host: x", "content-type: application/json"]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


def ask(client: socket.socket, body: bytes = ROW) -> Reply:
    client.sendall(request(body))
    return read_raw(client)


def raw(client: socket.socket) -> bytes:
    """Returns a whole response as it was sent, without its date."""
    client.sendall(request())
    data = b""
    while not data.endswith(b"}}"):
        data += client.recv(10_000)
    assert DATE.search(data)
    return DATE.sub(b"", data)


def handed_over(process: ServingProcess) -> float:
    return metrics(process)["serving_direct_connections"]


def until_direct(process: ServingProcess, client: socket.socket) -> int:
    """Sends requests until a worker answers the connection; returns their number."""
    sent = 0

    def is_handed_over() -> bool:
        nonlocal sent
        for _ in range(20):
            assert ask(client).status == 200
        sent += 20
        return handed_over(process) == 1

    process.until(is_handed_over)
    return sent


def workers(process: ServingProcess) -> list[int]:
    return [event["worker"] for event in process.events("worker ready")]


def is_asleep(worker: int) -> bool:
    """Whether a process waits in a system call (state S of /proc)."""
    return Path(f"/proc/{worker}/stat").read_text().rpartition(") ")[2].startswith("S")


@pytest.fixture
def served(base: Path) -> Iterator[ServingProcess]:
    with ServingProcess(base, **ONE) as process:
        yield process.until_ready()


def test_the_responses_of_a_worker_are_those_of_the_front_byte_for_byte(served: ServingProcess) -> None:
    with served.connect() as client:
        of_front = raw(client)
        until_direct(served, client)

        assert raw(client) == of_front


@pytest.mark.parametrize("environment", [ONE, TWO], ids=["one worker", "two workers"])
def test_every_response_is_counted_and_logged_before_the_client_can_ask_for_the_metrics(
    base: Path, environment: dict[str, str]
) -> None:
    settings = environment | {"SERVING_LOG_SAMPLE": "1"}
    with ServingProcess(base, **settings) as process, process.until_ready().connect() as client:
        sent = until_direct(process, client)
        statuses = [ask(client, body).status for body in (ROW, b'{"size":"x"}', ROW, b"{")]
        found = metrics(process)
        events = [event for event in process.events("request") if event["route"] == "invocations"]

        assert statuses == [200, 422, 200, 400]
        assert found["serving_requests_total invocations 200"] == sent + 2
        assert found["serving_requests_total invocations 422"] == 1
        assert found["serving_requests_total invocations 400"] == 1
        assert found["serving_rows_total"] == sent + 2
        assert found["serving_request_seconds_count"] == sent + 4
        assert found["serving_batch_requests_sum"] == sent + 4
        assert [event["status"] for event in events[-4:]] == statuses
        assert len(events) == sent + 4
        assert [event["request_bytes"] for event in events[-4:]] == [10, 12, 10, 1]


def test_a_client_of_one_of_several_fronts_is_answered_by_a_worker(base: Path) -> None:
    with ServingProcess(base, **TWO_FRONTS) as process, process.until_ready().connect() as client:
        until_direct(process, client)

        assert ask(client).status == 200


def test_another_client_is_answered_at_once_and_the_first_goes_on(served: ServingProcess) -> None:
    with served.connect() as first, served.connect() as second:
        until_direct(served, first)
        for _ in range(10):
            first.sendall(request())
            second.sendall(request(b'{"size":1}'))

            assert (read_raw(first).status, read_raw(second).status) == (200, 200)
        until_direct(served, first)


def test_requests_of_any_kind_on_the_connection_are_answered_in_their_order(served: ServingProcess) -> None:
    large = b'{"instances":[' + b",".join([b'{"size":0}'] * 900) + b"]}" + b" " * 100_000
    with served.connect() as client:
        until_direct(served, client)
        client.sendall(PING)
        ping = read_raw(client, "GET")
        until_direct(served, client)
        client.sendall(request(b'{"size":1}') + PING + request(b"{"))
        pipelined = read_many(client, 3)
        until_direct(served, client)
        for part in (request()[:10], request()[10:-1], request()[-1:]):
            client.sendall(part)
        parts = read_raw(client)
        until_direct(served, client)
        whole = ask(client, large)
        until_direct(served, client)
        client.sendall(request())
        client.shutdown(socket.SHUT_WR)
        last = read_raw(client)

        assert ping.status == 200
        assert [reply.status for reply in pipelined] == [200, 200, 400]
        assert parts.status == 200
        assert (whole.status, len(whole.json["predictions"])) == (200, 900)
        assert last.status == 200
        assert client.recv(1) == b""


def test_a_connection_without_requests_goes_back_to_the_front_and_is_answered_later(
    served: ServingProcess,
) -> None:
    with served.connect() as client:
        until_direct(served, client)
        served.until(lambda: handed_over(served) == 0)

        assert ask(client).status == 200


def test_a_client_that_leaves_is_no_longer_connected(served: ServingProcess) -> None:
    with served.connect() as client:
        until_direct(served, client)

    served.until(lambda: metrics(served)["serving_connections"] == 1)
    assert handed_over(served) == 0


@pytest.mark.parametrize(
    "environment", [ONE, TWO, TWO_FRONTS], ids=["one worker", "two workers", "two fronts"]
)
def test_the_connection_of_a_worker_that_is_killed_between_two_requests_goes_on(
    base: Path, environment: dict[str, str]
) -> None:
    with PoisonedProcess(base, **environment) as process, process.until_ready().connect() as client:
        until_direct(process, client)
        # The client may have a response while its worker has yet to come back from sending it.
        process.until(lambda: all(map(is_asleep, workers(process))))
        for worker in workers(process):
            os.kill(worker, signal.SIGSTOP)
        client.sendall(request(BATCH))
        for worker in workers(process):
            os.kill(worker, signal.SIGKILL)

        assert read_raw(client).status == 200
        until_direct(process, client)


@pytest.mark.parametrize("environment", [ONE, TWO], ids=["one worker", "two workers"])
def test_a_request_whose_worker_is_killed_is_answered_by_another(
    base: Path, environment: dict[str, str]
) -> None:
    with PoisonedProcess(base, **environment) as process, process.until_ready().connect() as client:
        until_direct(process, client)
        known = len(workers(process))

        assert ask(client, b'{"instances":[{"size":0,"kind":"early"}]}').status == 200
        process.until(lambda: len(workers(process)) > known)
        assert ask(client).status == 200


@pytest.mark.parametrize("step", [b"unsent", b"sent"])
def test_a_response_whose_worker_is_killed_while_it_sends_arrives_once(base: Path, step: bytes) -> None:
    with PoisonedProcess(base, **ONE) as process, process.until_ready().connect() as client:
        until_direct(process, client)
        known = metrics(process)["serving_rows_total"]
        reply = ask(client, b'{"instances":[{"size":0,"kind":"%b"}]}' % step)
        process.until(lambda: len(workers(process)) >= 2)

        assert (reply.status, len(reply.json["predictions"])) == (200, 1)
        assert ask(client).status == 200
        assert metrics(process)["serving_rows_total"] == known + 2


def test_a_request_that_kills_two_workers_is_500(base: Path) -> None:
    with PoisonedProcess(base, **TWO) as process, process.until_ready().connect() as client:
        until_direct(process, client)
        reply = ask(client, b'{"instances":[{"size":0,"kind":"poison"}]}')

        assert reply.status == 500
        assert reply.json["detail"] == "The worker process crashed twice on this request."
        process.until(lambda: len(process.events("worker lost")) == 2)


def test_a_request_past_its_deadline_is_504_and_its_worker_is_replaced(base: Path) -> None:
    with PoisonedProcess(base, **ONE) as process, process.until_ready().connect() as client:
        until_direct(process, client)
        reply = ask(client, b'{"size":0,"kind":"sleep"}')

        assert reply.status == 504
        assert reply.json["detail"] == "The request was not answered within 2 s."
        process.until(lambda: len(workers(process)) >= 2)
        assert ask(client).status == 200


def test_after_sigterm_the_response_closes_the_connection_and_the_exit_code_is_0(base: Path) -> None:
    with ServingProcess(base, **ONE) as process, process.until_ready().connect() as client:
        until_direct(process, client)
        # A request under way keeps the server from ending: a quiet connection has a second.
        client.sendall(request()[:20])
        process.stop()
        process.until(lambda: any(process.events("stopping")))
        client.sendall(request()[20:])
        reply = read_raw(client)
        # The worker may still answer until it hears of it.
        while "connection" not in reply.headers:
            reply = ask(client)

        assert (reply.status, reply.headers["connection"]) == (200, "close")
        assert client.recv(1) == b""
        assert process.exit_code() == 0
