"""Measurement of one function from its start to its last response."""

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
from benchmarks.function.lambda_runtime_stub import Runtime
from benchmarks.machine.host import SERVER_CORE, pinned

# Excludes one-time work after the start from the warm requests.
_WARM_UP = 20
_TAIL = 600


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Times in seconds, and predictions.

    Attributes:
        ready: From the start to the first request for an event.
        cold: From the start to the first response.
        warm: From event to response, for each warm request.
        handled: Duration of the handler in each warm request.
        predictions: One prediction for each row.
    """

    ready: float
    cold: float
    warm: Sequence[float]
    handled: Sequence[float]
    predictions: Sequence[Any]


def run(contender: Contender, rows: Sequence[str], *, environment: dict[str, str], requests: int) -> Trial:
    """Starts a function on one core, sends events, and kills it.

    Raises:
        BenchmarkError: The function fails.
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
            return _measure(runtime, contender, events, begun, requests)
        except Exception as error:
            log.seek(0)
            raise BenchmarkError(f"{contender.name} fails: {error} {log.read()[-_TAIL:]}") from error
        finally:
            process.kill()
            process.wait()
            runtime.close()


def _measure(
    runtime: Runtime, contender: Contender, events: Sequence[bytes], begun: float, requests: int
) -> Trial:
    ready = runtime.wait()
    _, first, _ = runtime.invoke(events[0])
    predictions = [contender.prediction(runtime.invoke(event)[2]["response"]) for event in events]
    for number in range(_WARM_UP):
        runtime.invoke(events[number % len(events)])
    warm, handled = [], []
    for number in range(requests):
        sent, received, result = runtime.invoke(events[number % len(events)])
        warm.append(received - sent)
        handled.append(result["seconds"])
    return Trial(ready=ready - begun, cold=first - begun, warm=warm, handled=handled, predictions=predictions)
