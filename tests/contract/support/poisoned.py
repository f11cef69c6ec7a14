"""`python -m tests.contract.support.poisoned serve`: workers that some rows kill or block.

The deadline of batches is long, so that it only bounds a hang on a machine that starts workers slowly.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence

import serving.workers.batching_queue
import serving.workers.worker
import serving.workers.worker_process
from serving.__main__ import main
from serving.direct_connections.handover_slot import ANSWERING, SENDING, HandoverSlot
from serving.http.response import Response
from serving.predict.request import InferenceRequest
from serving.workers.batch import Batch

POISON = b"poison"
SLEEP = b"sleep"
# Rows that kill a worker that answers its connection itself, when it enters a stage.
DEADLY_STAGES = {ANSWERING: b"early", SENDING: b"late"}
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
    enter = HandoverSlot.enter

    def poisoned(self: HandoverSlot, stage: int) -> None:
        enter(self, stage)
        if stage in DEADLY_STAGES and DEADLY_STAGES[stage] in self.content():
            os.kill(os.getpid(), signal.SIGKILL)

    HandoverSlot.enter = poisoned  # type: ignore[method-assign]


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        poison_batches()
        poison_direct_connections()
        serving.workers.worker.main()
    else:
        serving.workers.batching_queue.BATCH_SECONDS = BATCH_SECONDS
        serving.workers.worker_process.COMMAND = (sys.executable, "-m", "tests.contract.support.poisoned")
        sys.exit(main())
