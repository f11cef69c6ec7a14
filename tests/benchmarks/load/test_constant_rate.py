"""The generator of a constant rate."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from benchmarks.load.constant_rate import Generator, Head, payload, read_head
from benchmarks.load.requests import Request

REQUEST = Request(path="/p", content_type="text/csv", body="é")


@contextmanager
def answering(status: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers every request in two pieces; its port, and what it was sent."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:

        def answer(connection: socket.socket) -> None:
            # The generator closes its connections as soon as it has failed.
            with suppress(ConnectionError), connection:
                while data := connection.recv(1 << 16):
                    seen.append(data)
                    connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 4\r\n\r\nab")
                    connection.sendall(b"cd")

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], seen
        listener.shutdown(socket.SHUT_RDWR)


def test_a_head_says_whether_it_is_fine_and_where_the_answer_ends() -> None:
    head = b"HTTP/1.1 200 OK\r\nX: 1\r\nCONTENT-LENGTH: 10\r\n\r\n"

    assert read_head(head) == Head(fine=True, size=len(head) + 10)
    assert not read_head(head.replace(b"200 OK", b"503 Busy")).fine


def test_an_answer_without_a_length_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="content-length"):
        read_head(b"HTTP/1.1 200 OK\r\n\r\n")


def test_a_payload_is_a_whole_request() -> None:
    assert payload(REQUEST, 80) == (
        b"POST /p HTTP/1.1\r\nhost: 127.0.0.1:80\r\n"
        b"content-type: text/csv\r\ncontent-length: 2\r\n\r\n\xc3\xa9"
    )


def test_every_request_that_was_due_is_sent_and_answered() -> None:
    with answering(b"200 OK") as (port, seen):
        with Generator(port, [b"one", b"two"]) as generator:
            paced = generator.run(rate=200, seconds=0.5)

        assert sorted(seen) == [b"one"] * 50 + [b"two"] * 50
    assert paced.rate == 200
    assert 0 < paced.p50 <= paced.p99


def test_an_answer_that_is_not_200_ends_the_measurement() -> None:
    with (
        answering(b"503 Busy") as (port, _),
        Generator(port, [b"one"]) as generator,
        pytest.raises(ValueError, match="503"),
    ):
        generator.run(rate=100, seconds=0.1)
