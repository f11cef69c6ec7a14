"""`python -m tests.contract.poisoned serve`: the program, with workers that some requests kill or hold up."""

import os
import signal
import sys
import time
from collections.abc import Sequence

import serving.workers.process
import serving.workers.worker
from serving.__main__ import main
from serving.workers.batch import Batch
from serving.workers.protocol import Answer, Question

POISON = b"poison"
SLEEP = b"sleep"


def fall_for_poison() -> None:
    answer = Batch.answer

    def poisoned(self: Batch, questions: Sequence[Question]) -> list[Answer]:
        bodies = [question.body for question in questions]
        if any(POISON in body for body in bodies):
            os.kill(os.getpid(), signal.SIGKILL)
        if any(SLEEP in body for body in bodies):
            time.sleep(60)
        return answer(self, questions)

    Batch.answer = poisoned  # type: ignore[method-assign]


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        fall_for_poison()
        serving.workers.worker.main()
    else:
        serving.workers.process.COMMAND = (sys.executable, "-m", "tests.contract.poisoned")
        sys.exit(main())
