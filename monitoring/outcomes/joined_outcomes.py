"""Join of outcomes and captured predictions by the id of the request."""

import datetime
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bundle import Manifest
from monitoring.captures.capture_record import CaptureRecord, parse_record
from monitoring.captures.capture_store import HOUR_FORMAT, CaptureStore
from monitoring.captures.captured_requests import CapturedRequestReader
from monitoring.captures.captured_responses import CapturedResponseReader
from monitoring.outcomes.outcome_files import Outcomes, OutcomeValue

# Rows after which older captures are not read: a figure of so many is as certain as one of more.
MOST_JOINED_ROWS = 200_000
# A function has a quarter of an hour, and compares a window too.
MOST_JOINING_SECONDS = 300.0
# An environment writes an object a minute, and a read takes about 20 ms; boto3 keeps ten connections.
_READS_AT_ONCE = 10


@dataclass(kw_only=True)
class JoinedOutcomes:
    """Predictions of one version with their outcomes.

    Attributes:
        days: Day of each prediction, UTC.
        predicted: Probability of the positive label; position of the predicted label; or predicted value.
        actual: Outcome: position of the label, or value.
        without_prediction: Number of outcomes of captured requests that have no such row, or no prediction
            of it.
        of_other_versions: Number of outcomes whose prediction another version made.
        not_captured: Number of outcomes without a captured request.
        is_partial: Whether the time was over before all captures were read.
    """

    days: list[datetime.date] = field(default_factory=list)
    predicted: list[float] = field(default_factory=list)
    actual: list[float] = field(default_factory=list)
    without_prediction: int = 0
    of_other_versions: int = 0
    not_captured: int = 0
    is_partial: bool = False

    @property
    def size(self) -> int:
        """Number of joined rows."""
        return len(self.days)


def join_outcomes(
    outcomes: Outcomes,
    store: CaptureStore,
    manifest: Manifest,
    *,
    start: datetime.datetime,
    end: datetime.datetime,
    most_rows: int = MOST_JOINED_ROWS,
    clock: Callable[[], float] = time.monotonic,
) -> JoinedOutcomes:
    """Joins outcomes to captured predictions, the newest first.

    Args:
        outcomes: The outcomes.
        store: Place of the captured data.
        manifest: Manifest of the version whose predictions are joined.
        start: First moment of the captures that are read.
        end: Moment after them.
        most_rows: Rows after which no more captures are read.
        clock: Seconds, for the time limit.

    Raises:
        CapturesError: The captured data cannot be read.
    """
    joined = JoinedOutcomes()
    wanted = dict(outcomes.values)
    requests, responses = CapturedRequestReader(manifest), CapturedResponseReader(manifest.task)
    deadline = clock() + MOST_JOINING_SECONDS
    for records in _record_batches(store, start, end) if wanted else ():
        for record in records:
            if record.id in wanted:
                _join(joined, wanted.pop(record.id), record, manifest, requests, responses)
        if not wanted or joined.size >= most_rows:
            break
        if clock() >= deadline:
            joined.is_partial = True
            break
    joined.not_captured = sum(map(len, wanted.values()))
    return joined


def _record_batches(
    store: CaptureStore, start: datetime.datetime, end: datetime.datetime
) -> Iterator[list[CaptureRecord]]:
    """Yields the records of some objects at a time, the newest objects first."""
    found = store.objects(
        first_hour=start.astimezone(datetime.UTC).strftime(HOUR_FORMAT),
        last_hour=end.astimezone(datetime.UTC).strftime(HOUR_FORMAT),
    )
    keys = [captured.key for captured in sorted(found, reverse=True)]
    with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
        for first in range(0, len(keys), _READS_AT_ONCE):
            read = pool.map(lambda key: [*store.lines(key)], keys[first : first + _READS_AT_ONCE])
            yield [record for lines in read for record in _parsed(lines)]


def _parsed(lines: list[bytes]) -> Iterator[CaptureRecord]:
    for line in lines:
        try:
            yield parse_record(line)
        except ValueError:
            # The window of the comparison counts unreadable lines.
            continue


def _join(
    joined: JoinedOutcomes,
    values: dict[int, OutcomeValue],
    record: CaptureRecord,
    manifest: Manifest,
    requests: CapturedRequestReader,
    responses: CapturedResponseReader,
) -> None:
    rows = requests.read(record.request) if record.request else None
    total = rows.size + len(rows.invalid) if rows else 0
    found = responses.read(record.response, rows=total) if record.response else None
    if found is None:
        joined.without_prediction += len(values)
        return
    if found.version not in ("", manifest.version):
        joined.of_other_versions += len(values)
        return
    for position, actual in values.items():
        predicted = found.values[position] if position < total else None
        if predicted is None:
            joined.without_prediction += 1
            continue
        joined.days.append(record.time.astimezone(datetime.UTC).date())
        joined.predicted.append(
            float(manifest.labels.index(predicted)) if isinstance(predicted, str) else predicted
        )
        joined.actual.append(actual)
