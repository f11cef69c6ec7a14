"""What crosses the socket between the front and a worker."""

import socket
import threading

import pytest

from serving.workers.protocol import (
    Answer,
    Answers,
    Ask,
    Check,
    Checked,
    FrameReader,
    FrameSocket,
    Load,
    Loaded,
    Order,
    Question,
    Refused,
    Reply,
    Unload,
    Unloaded,
    pack,
    read_order,
    read_reply,
)

TERMS = (b"application/json", b"", b"*/*", b"threshold=0.4")
ORDERS: list[Order] = [
    Ask([Question("", b"{}", TERMS), Question("a", b"\xff\0", TERMS)]),
    Check(),
    Load("a", "/opt/ml/models/a/model", True),
    Unload("a"),
]
REPLIES: list[Reply] = [
    Answers([Answer(200, b"a: b\r\n", b"{}", 1), Answer(422, b"", b"\xff")]),
    Checked(None, 1),
    Checked("It is wrong.", 2),
    Loaded("a", "c0ffee", b"{}", 3),
    Refused("It cannot."),
    Unloaded(4),
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_an_order_arrives_as_it_was_given(order: Order) -> None:
    assert read_order(FrameReader().feed(pack(order)) or b"") == order


@pytest.mark.parametrize("reply", REPLIES, ids=str)
def test_a_reply_arrives_byte_by_byte_too(reply: Reply) -> None:
    reader, data = FrameReader(), pack(reply)

    contents = [reader.feed(data[place : place + 1]) for place in range(len(data))]

    assert contents[:-1] == [None] * (len(data) - 1)
    assert read_reply(contents[-1] or b"") == reply


def test_frames_follow_each_other() -> None:
    reader = FrameReader()

    found = [read_reply(reader.feed(pack(reply)) or b"") for reply in REPLIES]

    assert found == REPLIES


def test_a_process_that_waits_gets_small_and_large_frames_and_the_end() -> None:
    ours, its = socket.socketpair()
    orders: list[Order] = [Check(), Ask([Question("", b"x" * 3_000_000, TERMS)]), Check()]
    frames = FrameSocket(its)

    with its:
        found = []
        for order in orders:
            # In a thread of its own, because the kernel does not take the large one whole.
            sender = threading.Thread(target=ours.sendall, args=(pack(order),))
            sender.start()
            found.append(read_order(frames.receive() or b""))
            sender.join()
        ours.close()

        assert found == orders
        assert frames.receive() is None
