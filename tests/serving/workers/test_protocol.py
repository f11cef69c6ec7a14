"""Frames between the front and a worker."""

import os
import threading

import pytest

from serving.http.response import Response
from serving.predict.request import InferenceRequest
from serving.workers.protocol import (
    FramePipes,
    FrameReader,
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


def test_pipes_transfer_small_and_large_frames_and_the_end_of_the_stream() -> None:
    reading, writing = os.pipe()
    large = "x" * 3_000_000
    messages = [SelfTested(None, 1), ModelRefused(large), SelfTested("It is wrong.", 2)]
    frames = FramePipes(reading, writing)

    found = []
    for message in messages:
        # In a thread, because the large frame does not fit into the kernel's buffer.
        sender = threading.Thread(target=frames.send, args=(message,))
        sender.start()
        found.append(decode_reply(frames.receive() or b""))
        sender.join()
    os.close(writing)

    assert found == messages
    assert frames.receive() is None
    os.close(reading)
