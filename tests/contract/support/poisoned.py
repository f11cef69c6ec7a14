"""`python -m tests.contract.support.poisoned serve`: workers that some rows kill or block.

The deadline of batches is long, so that it only bounds a hang on a machine that starts workers slowly.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

import serving.workers.batching_queue
import serving.workers.worker
import serving.workers.worker_process
from serving.__main__ import main
from serving.direct_connections.memory.handover_slot import HandoverSlot
from serving.http.response import Response
from serving.predict.request import InferenceRequest
from serving.workers.batch import Batch

POISON = b"poison"
SLEEP = b"sleep"
# Rows that kill a worker that answers their connection itself: when the model gets them, and before and after
# their response is sent.
DEADLY_STEPS = {"enter": b"early", "write_response": b"unsent", "note_sent": b"sent"}
BATCH_SECONDS = 60.0


def poison_batches() -> None:
    answer = Batch.answer

    def poisoned(self: Batch, requests: Sequence[InferenceRequest]) -> list[Response]:
        bodies = [request.body for request in requests]
        if any(POISON in body for body in bodies):
            os.kill(os.getpid(), signal.SIGKILL)
        if any(SLEEP in body for body in bodies):
            time.sleep(600)
        return answer(self, requests)

    Batch.answer = poisoned  # type: ignore[method-assign]


def poison_direct_connections() -> None:
    for step, word in DEADLY_STEPS.items():
        setattr(HandoverSlot, step, deadly(getattr(HandoverSlot, step), word, before=step == "note_sent"))


def deadly(method: Callable[..., None], word: bytes, *, before: bool) -> Callable[..., None]:
    """Wraps a step of a worker with a request: it ends before or after it, if the request has a word."""

    def run(slot: HandoverSlot, *arguments: object) -> None:
        if not before:
            method(slot, *arguments)
        if b'"%b"' % word in slot.request():
            os.kill(os.getpid(), signal.SIGKILL)
        if before:
            method(slot, *arguments)

    return run


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        poison_batches()
        poison_direct_connections()
        serving.workers.worker.main()
    else:
        serving.workers.batching_queue.BATCH_SECONDS = BATCH_SECONDS
        serving.workers.worker_process.COMMAND = (sys.executable, "-m", "tests.contract.support.poisoned")
        sys.exit(main())
