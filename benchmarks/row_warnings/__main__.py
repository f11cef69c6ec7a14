"""`python -m benchmarks.row_warnings BUNDLE`: microseconds a row of warnings, and of reasons.

BUNDLE is a `model.tar.gz` with a reference. The rows are familiar: the typical values of the reference, and
the examples of optional fields. A bundle without its reference is measured beside it, in the same session of
ONNX Runtime and round by round, so that both meet the same noise of the machine; the
figures are the medians of the rounds.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from bundle import Bundle, Manifest, read_archive
from serving.predict.predictor import Predictor
from serving.predict.request import InferenceRequest
from serving.workers.batch import Batch
from terminal_output import escape_unencodable_output

ROUNDS = 60
SECONDS = 0.02
# Requests of one row that a worker predicts together, and rows of one request.
TOGETHER = (1, 8, 128)
ROWS = 1_000
_JSON = (b"application/json", b"", b"", b"")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the bundle and prints one line for each kind of request."""
    escape_unencodable_output()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.row_warnings", description=__doc__)
    parser.add_argument("bundle", type=Path)
    bundle = read_archive(parser.parse_args(arguments).bundle)
    if not bundle.manifest.reference:
        print("the bundle has no reference: train it again.", file=sys.stderr)
        return 1
    row = familiar_row(bundle.manifest)
    without_reference, with_reference = Predictor(_without_reference(bundle)), Predictor(bundle)
    # Two sessions of the same graph differ by two microseconds, from where their memory happens to lie.
    without_reference._model = with_reference._model
    plain, warning = Batch(without_reference), Batch(with_reference)
    for size in TOGETHER:
        requests = [InferenceRequest("", json.dumps(row).encode(), _JSON)] * size
        _report(f"{size} requests of one row", size, plain, warning, requests)
    body = json.dumps({"instances": [row] * ROWS}).encode()
    _report(f"one request of {ROWS:,} rows", ROWS, plain, warning, [InferenceRequest("", body, _JSON)])
    asked = [
        [InferenceRequest("", json.dumps(row).encode(), (*_JSON[:3], query))] for query in (b"", b"reasons=4")
    ]
    without, reasons = medians([lambda own=own: warning.answer(own) for own in asked])  # type: ignore[misc]
    print(f"reasons of one row: {reasons - without:+.0f} µs")
    return 0


def familiar_row(manifest: Manifest) -> dict[str, Any]:
    """Returns a row whose values training saw, with the optional fields."""
    typical = manifest.reference.typical if manifest.reference else {}
    row = {
        field.name: typical.get(field.name, field.example) for field in manifest.fields if not field.ignored
    }
    return {
        field.name: str(row[field.name]) if field.from_text else row[field.name]
        for field in manifest.fields
        if field.name in row
    }


def _without_reference(bundle: Bundle) -> Bundle:
    manifest = msgspec.structs.replace(bundle.manifest, reference=msgspec.UNSET)
    return replace(bundle, manifest=manifest)


def _report(title: str, rows: int, plain: Batch, warning: Batch, requests: list[InferenceRequest]) -> None:
    [answer, *_] = warning.answer(requests)
    if answer.status != 200 or b"warnings" in answer.body:
        raise SystemExit(f"The row is not familiar: {answer.body[:500]!r}")
    before, after = medians([lambda: plain.answer(requests), lambda: warning.answer(requests)])
    print(
        f"{title}: {before / rows:.3f} µs a row without a reference, {after / rows:.3f} with it, "
        f"{(after - before) / rows:+.3f}"
    )


def medians(measured: Sequence[Callable[[], object]]) -> list[float]:
    """Returns the median microseconds of each call over rounds that take turns."""
    found: list[list[float]] = [[] for _ in measured]
    for _ in range(ROUNDS):
        for call, times in zip(measured, found, strict=True):
            count, start = 0, time.process_time()
            while (spent := time.process_time() - start) < SECONDS:
                call()
                count += 1
            times.append(1e6 * spent / count)
    return [statistics.median(times) for times in found]


if __name__ == "__main__":
    sys.exit(main())
