"""`python -m benchmarks.serving.in_process_loop FOLDER SECONDS`: decode, predict and encode without a server.

Measures the upper bound of one core. Reads lines, each a JSON list of requests,
and prints a `Sample` for each.
"""

import sys
import time
from itertools import cycle
from pathlib import Path

import msgspec

from benchmarks.figures.results import Sample, percentile
from benchmarks.load.requests import Request
from serving.predict.predictor import Predictor


def measure(predictor: Predictor, requests: list[Request], seconds: float) -> Sample:
    """Predicts the bodies of the requests one after another."""
    parameters = predictor.parameters.read({b"content-type": requests[0].content_type.encode()}, b"")
    latencies: list[float] = []
    cpu, start = time.process_time(), time.perf_counter()
    now = start
    for body in cycle([request.body.encode() for request in requests]):
        predictor.answer(body, parameters)
        before, now = now, time.perf_counter()
        latencies.append((now - before) * 1e6)
        if now - start > seconds:
            break
    return Sample.of(
        requests=len(latencies),
        seconds=now - start,
        cpu_seconds=time.process_time() - cpu,
        p50=percentile(latencies, 50),
        p99=percentile(latencies, 99),
    )


if __name__ == "__main__":
    folder, seconds = sys.argv[1:]
    predictor = Predictor.load(Path(folder) / "model")
    for line in sys.stdin:
        requests = msgspec.json.decode(line, type=list[Request])
        measure(predictor, requests, 0.2)
        print(msgspec.json.encode(measure(predictor, requests, float(seconds))).decode(), flush=True)
