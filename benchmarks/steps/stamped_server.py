"""`python -m benchmarks.steps.stamped_server serve`: the serving process, with stamps.

Functions on the way of a request are wrapped from outside, so that the product has no code that measures.
`python -m benchmarks.steps.stamped_server` with the arguments of a worker is its worker, which has them.
"""

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import serving.__main__
from benchmarks.steps.stamps import Stamps
from benchmarks.steps.step import POINTS
from serving.direct_connections import direct_connections
from serving.direct_connections.memory.handover_slot import HandoverSlot
from serving.direct_connections.memory.response_counts import ResponseCounts
from serving.predict.onnx_model import OnnxModel
from serving.predict.predictor import Predictor
from serving.workers import worker, worker_process
from serving.workers.batch import Batch

FOLDER = "BENCHMARK_STAMPS"
CAPACITY = 1 << 20


class _Place(NamedTuple):
    """A function of the server, and the points at its start and its end."""

    owner: Any
    name: str
    begin: str = ""
    end: str = ""


_PLACES = (
    _Place(HandoverSlot, "receive", end="worker has read"),
    _Place(Batch, "answer", "batch begins"),
    _Place(Predictor, "decode_row", end="row is decoded"),
    _Place(OnnxModel, "encode_row", end="tensors are made"),
    _Place(OnnxModel, "encode", end="tensors are made"),
    _Place(OnnxModel, "run", end="graph has run"),
    _Place(Predictor, "write", "prediction is made", "answer is encoded"),
    _Place(direct_connections, "render", end="response is rendered"),
    _Place(ResponseCounts, "count", end="response is counted"),
)


def stamps_file(folder: Path) -> Path:
    """Returns the file of the stamps of the worker."""
    return folder / "stamps"


def _stamp() -> None:
    stamps = Stamps(stamps_file(Path(os.environ[FOLDER])), POINTS, CAPACITY)
    for owner, name, begin, end in _PLACES:
        setattr(owner, name, stamps.wrap(getattr(owner, name), begin=begin, end=end))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        worker_process.COMMAND = (sys.executable, "-m", "benchmarks.steps.stamped_server")
        sys.exit(serving.__main__.main())
    _stamp()
    worker.main()
