"""Steps of a request: where each ends, in which process it runs, and what limits it."""

from typing import NamedTuple

CLIENT, FRONT, WORKER = "client", "front", "worker"


class Step(NamedTuple):
    """A step of a request; it begins where the step before it ends.

    Attributes:
        title: What happens.
        process: The process that has the request at its end.
        end: The point at which it ends; each point follows from the one before, in whichever process.
        limit: What it consists of, and so what keeps it from taking less.
    """

    title: str
    process: str
    end: str
    limit: str


BEGIN = "client sends"
STEPS = (
    Step(
        "to the front",
        FRONT,
        "front has read",
        "system calls send, epoll_wait and read; the other core wakes up",
    ),
    Step("head, route", FRONT, "request is parsed", "a look-up of the known head, one object"),
    Step("queue", FRONT, "worker is chosen", "an idle worker gets the request in the same turn"),
    Step("message to the worker", FRONT, "message is encoded", "MessagePack"),
    Step(
        "to the worker",
        WORKER,
        "worker has read",
        "system calls write, epoll_wait and readv; the core switches to the worker",
    ),
    Step("message is read", WORKER, "batch begins", "MessagePack"),
    Step("row is decoded, validated", WORKER, "row is decoded", "one pass of msgspec, and the rules of rows"),
    Step("columns", WORKER, "tensors are made", "two NumPy arrays made of lists"),
    Step("graph", WORKER, "graph has run", "ONNX Runtime's own call"),
    Step("threshold, warnings", WORKER, "prediction is made", "Python objects of one row"),
    Step("answer is encoded", WORKER, "answer is encoded", "msgspec"),
    Step("message to the front", WORKER, "reply is encoded", "MessagePack"),
    Step(
        "back to the front",
        FRONT,
        "front has the reply",
        "system calls write, readv, epoll_wait and read; the core switches to the front",
    ),
    Step("reply is read", FRONT, "reply begins", "MessagePack"),
    Step("response, counters", FRONT, "response is rendered", "formatting of the head, counters"),
    Step(
        "to the client",
        CLIENT,
        "client has read",
        "system calls write and recv; the other core wakes up",
    ),
)
POINTS = (BEGIN, *(step.end for step in STEPS))
