"""The rules of SageMaker's hosting that hold whatever is asked: who is heard, how soon, and with how little.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from bundle import MAX_BODY_BYTES, MAX_ROWS
from tests.contract.support.impatient import PATIENCE_SECONDS
from tests.contract.support.load import Load
from tests.contract.support.process import HOST, ServingProcess, read_many, read_raw

# What AWS allows: 250 ms to accept a connection, 2 s to answer /ping.
ACCEPT_SECONDS = 0.25
PING_SECONDS = 2.0
SIX_MEGABYTES = 6 * 1024 * 1024

ONE = {"SAGEMAKER_MODEL_SERVER_WORKERS": "1"}
ROW = b'{"size":0}'
FULL_BATCH = b'{"instances":[' + b",".join([ROW] * MAX_ROWS) + b"]}"
PING = b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n"
HEAD = b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


class ImpatientProcess(ServingProcess):
    """The program with a second's patience for slow clients."""

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
    """So many clients that each wait for the answer to a batch of the most rows."""
    with ExitStack() as stack:
        connections = [stack.enter_context(process.connect()) for _ in range(clients)]
        for connection in connections:
            connection.sendall(sized(FULL_BATCH))
        yield connections


def quantile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(share * (len(seconds) - 1))]


def ask_ping(process: ServingProcess, *statuses: int) -> float:
    """Seconds that an answer of /ping took, on a connection of its own; 200, or one of `statuses`."""
    asked = time.monotonic()
    assert process.get("/ping").status in (statuses or (200,))
    return time.monotonic() - asked


def test_a_connection_is_accepted_within_250_ms_under_load(server: ServingProcess) -> None:
    taken = []
    with Load(server.port, rate=1_000) as load, batches(server, 8):
        for _ in range(50):
            load.until(5)
            asked = time.monotonic()
            with server.connect():
                taken.append(time.monotonic() - asked)

    assert max(taken) < ACCEPT_SECONDS
    assert load.broken == []


def test_a_connection_is_accepted_within_250_ms_while_the_model_is_loaded(base: Path) -> None:
    manifest = base / "model" / "manifest.json"
    manifest.unlink()
    os.mkfifo(manifest)

    with ServingProcess(base, **ONE) as process:
        process.until(lambda: any(process.events("worker started")))
        asked = time.monotonic()
        with process.connect():
            assert time.monotonic() - asked < ACCEPT_SECONDS
        assert process.get("/ping").status == 503


def test_ping_is_answered_within_2_s_before_during_and_after_a_full_load_of_batches(
    server: ServingProcess,
) -> None:
    before = [ask_ping(server) for _ in range(20)]
    with batches(server, 32) as busy:
        during = [ask_ping(server) for _ in range(100)]
        for connection in busy:
            assert read_raw(connection).status == 200
    after = [ask_ping(server) for _ in range(20)]

    assert [quantile(taken, 0.99) < PING_SECONDS / 2 for taken in (before, during, after)] == [True] * 3


def test_ping_never_waits_for_a_request_that_is_being_answered(base: Path) -> None:
    with ServingProcess(base, **ONE) as process:
        (event,) = process.until_ready().events("worker ready")
        os.kill(event["worker"], signal.SIGSTOP)
        with batches(process, 4) as waiting:
            # The worker has one, unless it was stopped in a self-test.
            process.until(
                lambda: re.search(rb"serving_queue_requests [34]\b", process.get("/metrics").body) is not None
            )
            taken = [ask_ping(process, 200, 503) for _ in range(10)]
            # It is killed and replaced meanwhile, when it was stopped in a self-test.
            with suppress(ProcessLookupError):
                os.kill(event["worker"], signal.SIGCONT)
            statuses = [read_raw(connection).status for connection in waiting]

    assert max(taken) < PING_SECONDS / 2
    # A machine that is slow enough lets their ten seconds pass, and tells them.
    assert set(statuses) <= {200, 504}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_ping_tells_every_method_that_the_model_is_not_ready(base: Path, method: str) -> None:
    (base / "model" / "manifest.json").unlink()
    os.mkfifo(base / "model" / "manifest.json")

    with ServingProcess(base, **ONE) as process:
        reply = process.send(method, "/ping")

        assert (reply.status, reply.headers["content-type"]) == (503, "application/problem+json")
        assert (reply.body == b"") == (method == "HEAD")


def test_a_ping_with_a_body_is_answered_and_its_connection_goes_on(server: ServingProcess) -> None:
    body = b"POST /ping HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nwell"
    with server.connect() as connection:
        connection.sendall(body + PING)

        assert [reply.status for reply in read_many(connection, 2)] == [200, 200]


@pytest.mark.parametrize("send", [sized, chunked], ids=["whole", "chunked"])
def test_a_body_of_6_mb_is_413_and_the_connection_stays_well(server: ServingProcess, send: object) -> None:
    assert callable(send)
    with server.connect() as connection:
        connection.sendall(send(b" " * SIX_MEGABYTES))
        refused = read_raw(connection)
        connection.sendall(sized(ROW))

        assert (refused.status, refused.json["status"]) == (413, 413)
        assert read_raw(connection).status == 200
    assert server.get("/ping").status == 200


def test_a_body_of_6_mb_that_waits_for_100_continue_is_413_and_never_sent(server: ServingProcess) -> None:
    with server.connect() as connection:
        connection.sendall(HEAD + b"content-length: %d\r\nexpect: 100-continue\r\n\r\n" % SIX_MEGABYTES)
        refused = read_raw(connection)

        assert (refused.status, refused.headers["connection"]) == (413, "close")
        assert connection.recv(1) == b""
    assert server.predict(ROW).status == 200


def test_six_megabytes_from_many_clients_at_once_leave_no_memory_behind(base: Path) -> None:
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
def test_a_header_that_sagemaker_adds_changes_nothing(server: ServingProcess, header: bytes) -> None:
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
def test_a_client_that_sends_too_slowly_is_408_and_cut_off_though_it_sends_on(
    impatient: ServingProcess, start: bytes
) -> None:
    with impatient.connect() as connection:
        connection.sendall(start)
        began = time.monotonic()
        connection.settimeout(0.2)
        while not received(connection):
            connection.sendall(b"0")
        connection.settimeout(None)
        reply = read_raw(connection)

        assert (reply.status, reply.headers["connection"]) == (408, "close")
        assert time.monotonic() - began > PATIENCE_SECONDS
        assert connection.recv(1) == b""
    assert impatient.predict(ROW).status == 200


def received(connection: socket.socket) -> bytes:
    """What could be read now, which stays to be read; nothing when that does not come in time."""
    try:
        return connection.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return b""


def test_a_client_that_does_not_read_its_answers_is_cut_off(impatient: ServingProcess) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect((HOST, impatient.port))
        connection.settimeout(0.2)
        with pytest.raises(ConnectionError):
            send_for_ever(connection, sized(FULL_BATCH))
    assert impatient.predict(ROW).status == 200


def send_for_ever(connection: socket.socket, data: bytes) -> None:
    deadline = time.monotonic() + 30 * PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            connection.sendall(data)
        except TimeoutError:
            continue


def test_many_slow_clients_hold_nobody_up(server: ServingProcess) -> None:
    with ExitStack() as stack:
        for start in (HEAD, HEAD + b"content-length: 1000\r\n\r\n"):
            for _ in range(100):
                stack.enter_context(server.connect()).sendall(start)
        with Load(server.port) as load:
            load.until(200)

    assert (set(load.statuses), load.broken) == ({200}, [])
