"""`python -m serving.workers.worker <commands> <replies> <handovers> <memory> <front>`: a worker process.

The first four are file descriptors: of two pipes, of a socket that brings connections, and of the memory of
handovers. <front> is the process id of the front, which has the other ends. The worker ends when they close.
"""

import os
import select
import signal
import socket
import sys
from collections import defaultdict
from pathlib import Path

from bundle import BundleError
from serving.direct_connections.direct_connections import DirectConnections
from serving.direct_connections.memory.handover_memory import HandoverMemory
from serving.http.response import Response
from serving.log import log_to_stderr, logger
from serving.parent_process import die_with
from serving.pickle_protection import refuse_unpickling
from serving.predict.golden_row_check import check_golden_rows
from serving.predict.onnx_model import ModelError
from serving.predict.predictor import Predictor
from serving.predict.request import InferenceRequest
from serving.problem import Problem
from serving.workers.batch import Batch, TransformBatch, error_response
from serving.workers.batching_queue import BATCH_BYTES
from serving.workers.process_memory import collect_garbage_rarely, release_freed_memory, resident_bytes
from serving.workers.protocol import (
    FramePipes,
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
)

# Largest size of a batch whose requests have one row each; a request of a thousand rows has more.
QUICK_BYTES = 64 << 10


class Worker:
    """Holds models and executes one command at a time."""

    def __init__(self) -> None:
        self._predictors: dict[str, Predictor] = {}
        self._batches: dict[str, Batch] = {}

    def execute(self, command: WorkerCommand) -> WorkerReply:
        """Executes a command and returns its reply."""
        match command:
            case Infer():
                return Inferred(self._infer(command.requests))
            case SelfTest():
                return SelfTested(self._failure(), resident_bytes())
            case LoadModel():
                return self._load(command)
            case UnloadModel():
                return self._unload(command.name)

    def answer(self, requests: list[InferenceRequest]) -> list[Response]:
        """Returns the responses to requests for one model, in their order."""
        return self._infer_with(requests[0].model, requests)

    def _infer(self, requests: list[InferenceRequest]) -> list[Response]:
        first = requests[0].model
        if all(request.model == first for request in requests):
            return self._infer_with(first, requests)
        positions: defaultdict[str, list[int]] = defaultdict(list)
        for position, request in enumerate(requests):
            positions[request.model].append(position)
        responses: dict[int, Response] = {}
        for model, own in positions.items():
            found = self._infer_with(model, [requests[position] for position in own])
            responses |= zip(own, found, strict=True)
        return [responses[position] for position in range(len(requests))]

    def _infer_with(self, model: str, requests: list[InferenceRequest]) -> list[Response]:
        batch = self._batches.get(model)
        if batch is None:
            return [error_response(Problem(404, f"Model {model!r} is not loaded.")) for _ in requests]
        return batch.answer(requests)

    def _failure(self) -> str | None:
        return next(filter(None, map(_failure_of, self._predictors.values())), None)

    def _load(self, command: LoadModel) -> WorkerReply:
        try:
            predictor = Predictor.load(Path(command.path))
        except Exception as error:
            return ModelRefused(_sentence(error))
        if failure := _failure_of(predictor):
            return ModelRefused(failure)
        self._predictors[command.name] = predictor
        self._batches[command.name] = TransformBatch(predictor) if command.transform else Batch(predictor)
        return ModelLoaded(predictor.name, predictor.version, bytes(predictor.identity), resident_bytes())

    def _unload(self, name: str) -> WorkerReply:
        self._predictors.pop(name, None)
        self._batches.pop(name, None)
        release_freed_memory()
        return ModelUnloaded(resident_bytes())


def _failure_of(predictor: Predictor) -> str | None:
    """Returns why a model predicts its golden rows wrong, in a sentence; None when it predicts them right."""
    try:
        check_golden_rows(predictor)
    except Exception as error:
        return _sentence(error)
    return None


def _sentence(error: Exception) -> str:
    if isinstance(error, BundleError | ModelError):
        return str(error)
    logger.error("error in the program", exc_info=error)
    return f"An error in the program: {type(error).__name__}; see the log."


def takes_long(command: WorkerCommand) -> bool:
    """Whether clients should not wait for a command: its requests have many rows, or a query of options."""
    if isinstance(command, Infer):
        size = sum([len(request.body) for request in command.requests])
        return size > QUICK_BYTES or any([request.metadata[3] for request in command.requests])  # noqa: C419
    return not isinstance(command, SelfTest)


def main() -> None:
    """Executes commands until the front closes the pipes."""
    # Only the front stops a worker: it still has requests to answer after SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    commands, replies, handovers, memory, front = map(int, sys.argv[1:])
    die_with(front)
    refuse_unpickling()
    log_to_stderr()
    collect_garbage_rarely()
    worker = Worker()
    frames = FramePipes(commands, replies)
    direct_connections = DirectConnections(
        HandoverMemory(memory), socket.socket(fileno=handovers), commands, worker.answer, BATCH_BYTES
    )
    only_command = [(commands, select.POLLIN)]
    while True:
        # Without direct connections it waits here.
        if direct_connections.connections or direct_connections.events.poll() != only_command:
            direct_connections.serve()
        if (content := frames.receive()) is None:
            return
        command = decode_command(content)
        if direct_connections.connections and takes_long(command):
            direct_connections.return_all()
        frames.send(worker.execute(command))


if __name__ == "__main__":
    try:
        main()
    except ConnectionError:
        # The front ended while a reply was sent.
        os._exit(0)
