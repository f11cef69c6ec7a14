"""`python -m benchmarks.steps.stamped_server serve`: the serving process, with stamps.

Functions on the way of a request are wrapped from outside, so that the product has no code that measures.
`python -m benchmarks.steps.stamped_server COMMANDS REPLIES FRONT` is its worker.
"""

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import serving.__main__
from benchmarks.steps.stamps import Stamps
from benchmarks.steps.step import FRONT, POINTS, WORKER
from serving.http.connection import Connection
from serving.http.metrics import AccessLog
from serving.predict.onnx_model import OnnxModel
from serving.predict.predictor import Predictor
from serving.workers import channel, protocol, worker, worker_process
from serving.workers.batch import Batch
from serving.workers.channel import WorkerChannel
from serving.workers.pool import Pool

FOLDER = "BENCHMARK_STAMPS"
CAPACITY = 1 << 20


class _Place(NamedTuple):
    """A function of the server, and the points at its begin and its end."""

    owner: Any
    name: str
    begin: str = ""
    end: str = ""


_PLACES = {
    FRONT: (
        _Place(Connection, "data_received", "front has read"),
        _Place(Pool, "submit", "request is parsed"),
        _Place(WorkerChannel, "_send", "worker is chosen"),
        _Place(channel, "encode_frame", end="message is encoded"),
        _Place(WorkerChannel, "data_received", "front has the reply"),
        _Place(Connection, "reply", "reply begins"),
        _Place(AccessLog, "record", end="response is rendered"),
    ),
    WORKER: (
        _Place(worker, "decode_command", "worker has read"),
        _Place(Batch, "answer", "batch begins"),
        _Place(Predictor, "decode_row", end="row is decoded"),
        _Place(OnnxModel, "encode_row", end="tensors are made"),
        _Place(OnnxModel, "encode", end="tensors are made"),
        _Place(OnnxModel, "run", end="graph has run"),
        _Place(Predictor, "write", "prediction is made", "answer is encoded"),
        _Place(protocol, "encode_frame", end="reply is encoded"),
    ),
}


def stamps_file(folder: Path, role: str) -> Path:
    """Returns the file of the stamps of a process."""
    return folder / f"{role}.stamps"


def _stamp(role: str) -> None:
    stamps = Stamps(stamps_file(Path(os.environ[FOLDER]), role), POINTS, CAPACITY)
    for owner, name, begin, end in _PLACES[role]:
        setattr(owner, name, stamps.wrap(getattr(owner, name), begin=begin, end=end))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _stamp(FRONT)
        worker_process.COMMAND = (sys.executable, "-m", "benchmarks.steps.stamped_server")
        sys.exit(serving.__main__.main())
    _stamp(WORKER)
    worker.main()
