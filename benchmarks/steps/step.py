"""Steps of a request: where each ends, in which process it runs, and what limits it."""

from typing import NamedTuple

CLIENT, WORKER = "client", "worker"


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
        "to the worker",
        WORKER,
        "worker has read",
        "system calls send, poll and recv; the worker is awake",
    ),
    Step("head", WORKER, "batch begins", "a comparison with the head of the connection"),
    Step("row is decoded, validated", WORKER, "row is decoded", "one pass of msgspec, and the rules of rows"),
    Step("columns", WORKER, "tensors are made", "two NumPy arrays made of lists"),
    Step("graph", WORKER, "graph has run", "ONNX Runtime's own call"),
    Step("threshold, warnings", WORKER, "prediction is made", "Python objects of one row"),
    Step("answer is encoded", WORKER, "answer is encoded", "msgspec"),
    Step("response", WORKER, "response is rendered", "formatting of the head"),
    Step("count", WORKER, "response is counted", "numbers in memory that the front shares"),
    Step(
        "to the client",
        CLIENT,
        "client has read",
        "system calls send and recv; the other core wakes up",
    ),
)
POINTS = (BEGIN, *(step.end for step in STEPS))
