"""`python -m serving.workers.worker <descriptor> <front>`: a worker process that holds models and predicts.

The descriptor is that of its end of a socket pair, and <front> the process that has the other end. The worker
ends when that is closed.
"""

import ctypes
import os
import signal
import socket
import sys
from collections import defaultdict
from pathlib import Path

from bundle import BundleError
from serving.log import log_to_stderr, logger
from serving.predict.onnx_model import ModelError
from serving.predict.predictor import Predictor
from serving.problem import Problem
from serving.unpickling import refuse_unpickling
from serving.workers.batch import Batch, refusal
from serving.workers.memory import resident, trim
from serving.workers.protocol import (
    Answer,
    Answers,
    Ask,
    Check,
    Checked,
    FrameSocket,
    Load,
    Loaded,
    Order,
    Question,
    Refused,
    Reply,
    Unload,
    Unloaded,
    read_order,
)

# linux/prctl.h
_PR_SET_PDEATHSIG = 1


class Worker:
    """Does what it is ordered, one order at a time."""

    def __init__(self) -> None:
        self._predictors: dict[str, Predictor] = {}
        self._batches: dict[str, Batch] = {}

    def obey(self, order: Order) -> Reply:
        """Carries an order out."""
        match order:
            case Ask():
                return Answers(self._answer(order.questions))
            case Check():
                return Checked(self._trouble(), resident())
            case Load():
                return self._load(order)
            case Unload():
                return self._unload(order.name)

    def _answer(self, questions: list[Question]) -> list[Answer]:
        first = questions[0].model
        if all(question.model == first for question in questions):
            return self._answer_of(first, questions)
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, question in enumerate(questions):
            places[question.model].append(place)
        answers: dict[int, Answer] = {}
        for model, asked in places.items():
            found = self._answer_of(model, [questions[place] for place in asked])
            answers |= zip(asked, found, strict=True)
        return [answers[place] for place in range(len(questions))]

    def _answer_of(self, model: str, questions: list[Question]) -> list[Answer]:
        batch = self._batches.get(model)
        if batch is None:
            return [refusal(Problem(404, f"Model {model!r} is not loaded.")) for _ in questions]
        return batch.answer(questions)

    def _trouble(self) -> str | None:
        return next(filter(None, map(_trouble_of, self._predictors.values())), None)

    def _load(self, order: Load) -> Reply:
        try:
            predictor = Predictor.load(Path(order.path))
        except Exception as error:
            return Refused(_sentence(error))
        if order.prove and (trouble := _trouble_of(predictor)):
            return Refused(trouble)
        self._predictors[order.name] = predictor
        self._batches[order.name] = Batch(predictor)
        return Loaded(predictor.name, predictor.version, bytes(predictor.identity), resident())

    def _unload(self, name: str) -> Reply:
        self._predictors.pop(name, None)
        self._batches.pop(name, None)
        trim()
        return Unloaded(resident())


def _trouble_of(predictor: Predictor) -> str | None:
    try:
        predictor.check()
    except Exception as error:
        return _sentence(error)
    return None


def _sentence(error: Exception) -> str:
    if isinstance(error, BundleError | ModelError):
        return str(error)
    logger.error("error in the program", exc_info=error)
    return f"An error in the program: {type(error).__name__}; the log has the rest."


def _die_with(front: int) -> None:
    """Has the kernel end this process with its parent, even when it hangs and sees no socket close."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != front:
        os._exit(0)


def main() -> None:
    """Answers until the front is gone."""
    # The front says when to stop; until then every request it holds is to be answered.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _die_with(int(sys.argv[2]))
    refuse_unpickling()
    log_to_stderr()
    worker = Worker()
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        frames = FrameSocket(connection)
        while (content := frames.receive()) is not None:
            frames.send(worker.obey(read_order(content)))


if __name__ == "__main__":
    try:
        main()
    except ConnectionError:
        # The front is gone while it was answered.
        os._exit(0)
