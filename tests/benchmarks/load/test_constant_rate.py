"""Generator of requests at a constant rate."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from benchmarks.load import constant_rate
from benchmarks.load.constant_rate import Generator, Head, payload, read_head
from benchmarks.load.requests import Request

REQUEST = Request(path="/p", content_type="text/csv", body="é")


@contextmanager
def serving(status: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Runs a server that sends each response in two parts; yields its port and the received requests."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:

        def respond(connection: socket.socket) -> None:
            # The generator closes its connections after an error.
            with suppress(ConnectionError), connection:
                while data := connection.recv(1 << 16):
                    received.append(data)
                    connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 4\r\n\r\nab")
                    connection.sendall(b"cd")

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=respond, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listener.getsockname()[1], received
        finally:
            listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(autouse=True)
def no_stalls_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine stops the generator for milliseconds."""
    monkeypatch.setattr(constant_rate, "STALL_SECONDS", 100)


def test_a_head_has_the_status_and_the_size_of_the_response() -> None:
    head = b"HTTP/1.1 200 OK\r\nX: 1\r\nCONTENT-LENGTH: 10\r\n\r\n"

    assert read_head(head) == Head(ok=True, size=len(head) + 10)
    assert not read_head(head.replace(b"200 OK", b"503 Busy")).ok


def test_a_response_without_content_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="content-length"):
        read_head(b"HTTP/1.1 200 OK\r\n\r\n")


def test_a_payload_is_a_complete_request() -> None:
    assert payload(REQUEST, 80) == (
        b"POST /p HTTP/1.1\r\nhost: 127.0.0.1:80\r\n"
        b"content-type: text/csv\r\ncontent-length: 2\r\n\r\n\xc3\xa9"
    )


@pytest.mark.slow
def test_every_scheduled_request_is_sent_and_gets_a_response() -> None:
    with serving(b"200 OK") as (port, received):
        with Generator(port, [b"one", b"two"]) as generator:
            paced = generator.run(rate=200, seconds=0.5)

        assert sorted(received) == [b"one"] * 50 + [b"two"] * 50
    assert paced.rate == 200
    assert 0 < paced.p50 <= paced.p99


@pytest.mark.slow
def test_what_is_under_way_while_the_generator_is_stopped_is_not_measured_and_the_rest_comes_later() -> None:
    with serving(b"200 OK") as (port, received):

        def clock() -> float:
            # It is stopped for a thousand seconds, with requests under way.
            return time.perf_counter() + (1_000 if len(received) >= 300 else 0)

        with Generator(port, [b"one"], clock) as generator:
            paced = generator.run(rate=2_000, seconds=0.5)

        assert len(received) == 1_000
    assert paced.stalls == 1
    assert paced.calm_p99 <= paced.p99 < 1_000 * 1e6


def test_a_response_other_than_200_is_an_error() -> None:
    with (
        serving(b"503 Busy") as (port, _),
        Generator(port, [b"one"]) as generator,
        pytest.raises(ValueError, match="503"),
    ):
        generator.run(rate=100, seconds=0.1)
