"""Frames between the front and a worker."""

import socket
import threading

import pytest

from serving.http.response import Response
from serving.predict.request import InferenceRequest
from serving.workers.protocol import (
    FrameReader,
    FrameSocket,
    Infer,
    Inferred,
    LoadModel,
    ModelLoaded,
    ModelRefused,
    ModelUnloaded,
    SelfTest,
    SelfTested,
    UnloadModel,
    WorkerCommand,
    WorkerReply,
    decode_command,
    decode_reply,
    encode_frame,
)

TERMS = (b"application/json", b"", b"*/*", b"threshold=0.4")
COMMANDS: list[WorkerCommand] = [
    Infer([InferenceRequest("", b"{}", TERMS), InferenceRequest("a", b"\xff\0", TERMS)]),
    SelfTest(),
    LoadModel("a", "/opt/ml/models/a/model"),
    UnloadModel("a"),
]
REPLIES: list[WorkerReply] = [
    Inferred([Response(200, b"a: b\r\n", b"{}", 1), Response(422, b"", b"\xff")]),
    SelfTested(None, 1),
    SelfTested("It is wrong.", 2),
    ModelLoaded("a", "c0ffee", b"{}", 3),
    ModelRefused("It cannot."),
    ModelUnloaded(4),
]


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_is_decoded_as_it_was_encoded(command: WorkerCommand) -> None:
    assert decode_command(FrameReader().feed(encode_frame(command)) or b"") == command


@pytest.mark.parametrize("reply", REPLIES, ids=str)
def test_a_reply_that_arrives_byte_by_byte_is_decoded(reply: WorkerReply) -> None:
    reader, data = FrameReader(), encode_frame(reply)

    contents = [reader.feed(data[place : place + 1]) for place in range(len(data))]

    assert contents[:-1] == [None] * (len(data) - 1)
    assert decode_reply(contents[-1] or b"") == reply


def test_one_reader_decodes_frame_after_frame() -> None:
    reader = FrameReader()

    found = [decode_reply(reader.feed(encode_frame(reply)) or b"") for reply in REPLIES]

    assert found == REPLIES


def test_a_frame_socket_receives_small_and_large_frames_and_the_end_of_the_stream() -> None:
    front_end, worker_end = socket.socketpair()
    large = Infer([InferenceRequest("", b"x" * 3_000_000, TERMS)])
    commands: list[WorkerCommand] = [SelfTest(), large, SelfTest()]
    frames = FrameSocket(worker_end)

    with worker_end:
        found = []
        for command in commands:
            # In a thread, because the large frame does not fit into the kernel's buffer.
            sender = threading.Thread(target=front_end.sendall, args=(encode_frame(command),))
            sender.start()
            found.append(decode_command(frames.receive() or b""))
            sender.join()
        front_end.close()

        assert found == commands
        assert frames.receive() is None
