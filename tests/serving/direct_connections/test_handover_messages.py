"""Messages about direct connections: a handover, a recall, a return, and the end of a process."""

import os
import socket
import sys
from collections.abc import Iterator

import pytest

from serving.direct_connections.handover_messages import (
    HandOver,
    Recall,
    message_sockets,
    receive_message,
    receive_return,
    send_handover,
    send_recall,
    send_return,
)
from serving.direct_connections.repeated_request_head import RepeatedRequestHead

HEAD = RepeatedRequestHead(b"before" * 100, b"after", (b"application/json", b"", b"", b""))
Sockets = tuple[socket.socket, socket.socket]


@pytest.fixture(params=["linux", "darwin"])
def sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sockets]:
    """The ends of the front and of the worker, with the sockets of each system."""
    monkeypatch.setattr(sys, "platform", request.param)
    front, worker = message_sockets()
    with front, worker:
        yield front, worker


def test_messages_keep_their_bounds_and_bring_their_connection(sockets: Sockets) -> None:
    front, worker = sockets
    client, lent = socket.socketpair()
    with client, lent:
        send_handover(front, HandOver(127, HEAD), lent.fileno())
        send_recall(front, 3)
        message, descriptors = receive_message(worker)
        recall = receive_message(worker)
        os.write(descriptors[0], b"x")
        os.close(descriptors[0])

        assert message == HandOver(127, HEAD)
        assert recall == (Recall(3), [])
        assert client.recv(1) == b"x"


def test_each_connection_is_returned_by_its_slot(sockets: Sockets) -> None:
    front, worker = sockets
    front.setblocking(False)
    send_return(worker, 0)
    send_return(worker, 127)

    assert [receive_return(front), receive_return(front)] == [0, 127]
    with pytest.raises(BlockingIOError):
        receive_return(front)


def test_the_end_of_the_other_process_is_no_message() -> None:
    front, worker = message_sockets()
    with front:
        worker.close()
        assert receive_return(front) is None
        with pytest.raises(OSError, match="Broken pipe"):
            send_recall(front, 0)
    front, worker = message_sockets()
    with worker:
        front.close()
        assert receive_message(worker) == (None, [])
