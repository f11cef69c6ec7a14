"""One function from its start to its last answer."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.function.contender import ROOT, Contender
from benchmarks.function.runtime import Runtime
from benchmarks.machine.host import SERVER_CORE, pinned

# So that one-time work after the start counts as neither.
_WARM_UP = 20
_TAIL = 600


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What was measured, in seconds.

    Attributes:
        ready: From its start to the function asking for its first event.
        cold: From its start to the first answer.
        warm: Each later answer, from its event.
        handled: What the handler itself took of that.
        predictions: What it said of each row, once.
    """

    ready: float
    cold: float
    warm: Sequence[float]
    handled: Sequence[float]
    predictions: Sequence[Any]


def run(contender: Contender, rows: Sequence[str], *, environment: dict[str, str], requests: int) -> Trial:
    """Starts a function on one core, asks it, and ends it.

    Raises:
        BenchmarkError: When it fails.
    """
    events = [json.dumps(contender.event(row)).encode() for row in rows]
    runtime = Runtime()
    with tempfile.TemporaryFile("w+") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            pinned(SERVER_CORE, contender.command),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": runtime.address}
            | {"TIMED_HANDLER": contender.handler}
            | environment,
            stdout=log,
            stderr=log,
        )
        try:
            return _ask(runtime, contender, events, begun, requests)
        except Exception as error:
            log.seek(0)
            raise BenchmarkError(f"{contender.name} fails: {error} {log.read()[-_TAIL:]}") from error
        finally:
            process.kill()
            process.wait()
            runtime.close()


def _ask(
    runtime: Runtime, contender: Contender, events: Sequence[bytes], begun: float, requests: int
) -> Trial:
    ready = runtime.wait()
    _, first, _ = runtime.invoke(events[0])
    predictions = [contender.prediction(runtime.invoke(event)[2]["answer"]) for event in events]
    for number in range(_WARM_UP):
        runtime.invoke(events[number % len(events)])
    warm, handled = [], []
    for number in range(requests):
        sent, answered, told = runtime.invoke(events[number % len(events)])
        warm.append(answered - sent)
        handled.append(told["seconds"])
    return Trial(ready=ready - begun, cold=first - begun, warm=warm, handled=handled, predictions=predictions)
