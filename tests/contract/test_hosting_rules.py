"""Rules of SageMaker's hosting: /ping, new connections, large bodies, slow clients, added headers.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bundle import MAX_BODY_BYTES, MAX_ROWS
from tests.contract.support.load import Load
from tests.contract.support.process import (
    HANG_SECONDS,
    HOST,
    PoisonedProcess,
    ServingProcess,
    read_many,
    read_raw,
)

SIX_MEGABYTES = 6 * 1024 * 1024

ONE = {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
ROW = b'{"size":0}'
FULL_BATCH = b'{"instances":[' + b",".join([ROW] * MAX_ROWS) + b"]}"
PING = b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n"
HEAD = b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


class ImpatientProcess(ServingProcess):
    """The program with timeouts of one second for slow clients."""

    module = "tests.contract.support.impatient"


@pytest.fixture
def impatient(base: Path) -> Iterator[ServingProcess]:
    with ImpatientProcess(base, **ONE) as process:
        yield process.until_ready()


def sized(body: bytes, *, extra: bytes = b"") -> bytes:
    return HEAD + extra + b"content-length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, size: int = 65_536) -> bytes:
    pieces = [body[place : place + size] for place in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


@contextmanager
def batches(process: ServingProcess, clients: int) -> Iterator[list[socket.socket]]:
    """Opens connections that each wait for the response to a batch of the most rows."""
    with ExitStack() as stack:
        connections = [stack.enter_context(process.connect()) for _ in range(clients)]
        for connection in connections:
            connection.sendall(sized(FULL_BATCH))
        yield connections


def test_a_connection_is_accepted_and_ping_answered_while_the_model_is_loaded(base: Path) -> None:
    manifest = base / "model" / "manifest.json"
    manifest.unlink()
    os.mkfifo(manifest)

    with ServingProcess(base, **ONE) as process:
        process.until(lambda: any(process.events("worker started")))

        assert process.get("/ping").status == 503
        assert process.events("worker ready") == []


@pytest.mark.slow
def test_ping_is_200_before_during_and_after_a_load_of_full_batches(server: ServingProcess) -> None:
    before = [server.get("/ping").status for _ in range(20)]
    with batches(server, 8) as busy:
        during = [server.get("/ping").status for _ in range(100)]
        answered = [read_raw(connection).status for connection in busy]
    after = [server.get("/ping").status for _ in range(20)]

    assert {*before, *during, *after} == {200}
    assert set(answered) == {200}


def test_new_connections_and_ping_do_not_wait_for_a_request_under_way(base: Path) -> None:
    with PoisonedProcess(base, **ONE) as process, process.until_ready().connect() as busy:
        busy.sendall(sized(b'{"instances":[{"size":0,"kind":"sleep"}]}'))
        process.until(lambda: b"serving_worker_requests 1.0" in process.get("/metrics").body)
        pings = [process.get("/ping").json for _ in range(10)]
        answered, _, _ = select.select([busy], [], [], 0)

        assert all("status" in ping for ping in pings)
        assert answered == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_ping_is_503_for_every_method_while_the_model_is_loaded(base: Path, method: str) -> None:
    (base / "model" / "manifest.json").unlink()
    os.mkfifo(base / "model" / "manifest.json")

    with ServingProcess(base, **ONE) as process:
        reply = process.send(method, "/ping")

        assert (reply.status, reply.headers["content-type"]) == (503, "application/problem+json")
        assert (reply.body == b"") == (method == "HEAD")


def test_a_ping_with_a_body_is_answered_and_its_connection_stays_open(server: ServingProcess) -> None:
    body = b"POST /ping HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nwell"
    with server.connect() as connection:
        connection.sendall(body + PING)

        assert [reply.status for reply in read_many(connection, 2)] == [200, 200]


@pytest.mark.parametrize("send", [sized, chunked], ids=["whole", "chunked"])
def test_a_body_of_6_mb_is_413_and_the_connection_stays_open(server: ServingProcess, send: object) -> None:
    assert callable(send)
    with server.connect() as connection:
        connection.sendall(send(b" " * SIX_MEGABYTES))
        refused = read_raw(connection)
        connection.sendall(sized(ROW))

        assert (refused.status, refused.json["status"]) == (413, 413)
        assert read_raw(connection).status == 200
    assert server.get("/ping").status == 200


def test_a_body_of_6_mb_announced_with_100_continue_is_413_before_it_is_sent(server: ServingProcess) -> None:
    with server.connect() as connection:
        connection.sendall(HEAD + b"content-length: %d\r\nexpect: 100-continue\r\n\r\n" % SIX_MEGABYTES)
        refused = read_raw(connection)

        assert (refused.status, refused.headers["connection"]) == (413, "close")
        assert connection.recv(1) == b""
    assert server.predict(ROW).status == 200


@pytest.mark.slow
def test_bodies_of_6_mb_leave_no_memory_behind(base: Path) -> None:
    with ServingProcess(base, **ONE) as process:
        process.until_ready().predict(b" " * SIX_MEGABYTES)
        held = resident(process.pid)
        for _ in range(20):
            assert process.predict(b" " * SIX_MEGABYTES).status == 413

        assert resident(process.pid) - held < 2 * MAX_BODY_BYTES


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    "header",
    [
        b"x-amzn-sagemaker-inference-id: 4f7b",
        b"x-amzn-sagemaker-session-id: 4f7b",
        b"x-amzn-sagemaker-target-variant: primary",
        b"x-amzn-sagemaker-target-container-hostname: first",
        b"x-amzn-sagemaker-inference-component: part",
        b"x-amzn-sagemaker-enable-explanations: `true`",
        b"x-amzn-requestid: 4f7b\r\nx-amzn-trace-id: Root=1-2-3",
        b"accept: application/json\r\nuser-agent: AHC/2.0\r\nconnection: keep-alive",
    ],
    ids=lambda header: header.partition(b":")[0].decode(),
)
def test_a_header_that_sagemaker_adds_does_not_change_the_response(
    server: ServingProcess, header: bytes
) -> None:
    with server.connect() as connection:
        connection.sendall(sized(ROW, extra=header + b"\r\n"))

        assert read_raw(connection).body == server.predict(ROW).body


@pytest.mark.parametrize(
    "start",
    [
        HEAD + b"x-slow: ",
        HEAD + b"content-length: 1000\r\n\r\n",
        HEAD + b"transfer-encoding: chunked\r\n\r\n5",
    ],
    ids=["header", "body", "chunk"],
)
def test_a_client_that_sends_too_slowly_is_408_and_cut_off_while_it_sends(
    impatient: ServingProcess, start: bytes
) -> None:
    with impatient.connect() as connection:
        connection.sendall(start)
        connection.settimeout(0.2)
        while not received(connection):
            connection.sendall(b"0")
        connection.settimeout(None)
        reply = read_raw(connection)

        assert (reply.status, reply.headers["connection"]) == (408, "close")
        assert connection.recv(1) == b""
    assert impatient.predict(ROW).status == 200


def received(connection: socket.socket) -> bytes:
    """Returns the first byte that can be read, without consuming it; nothing after the timeout."""
    try:
        return connection.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return b""


@pytest.mark.slow
def test_a_client_that_does_not_read_its_responses_is_cut_off(impatient: ServingProcess) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect((HOST, impatient.port))
        connection.settimeout(0.2)
        with pytest.raises(ConnectionError):
            send_until_cut_off(connection, sized(FULL_BATCH))
    assert impatient.predict(ROW).status == 200


def send_until_cut_off(connection: socket.socket, data: bytes) -> None:
    deadline = time.monotonic() + HANG_SECONDS
    while time.monotonic() < deadline:
        try:
            connection.sendall(data)
        except TimeoutError:
            continue


def test_many_slow_clients_do_not_delay_others(server: ServingProcess) -> None:
    with ExitStack() as stack:
        for start in (HEAD, HEAD + b"content-length: 1000\r\n\r\n"):
            for _ in range(100):
                stack.enter_context(server.connect()).sendall(start)
        with Load(server.port) as load:
            load.until(200)

    assert (set(load.statuses), load.broken) == ({200}, []), server.log
