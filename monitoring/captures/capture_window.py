"""Window: captured rows of a range of time with their predictions, and the calls that were left out."""

import datetime
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from bundle import Manifest
from monitoring.captures.capture_record import CaptureRecord
from monitoring.captures.captured_requests import CapturedRequestReader, values_of
from monitoring.captures.captured_responses import (
    CapturedResponseReader,
    PredictedValue,
    ResponsePredictions,
    is_refusal,
)

_HASHES = 1 << 32


class CaptureCounts(msgspec.Struct, kw_only=True):
    """Captured calls of a window, of which some have no rows.

    Attributes:
        captured: Number of captured calls.
        refused: Number of those that the model refused, or whose rows were all invalid.
        checks: Number of health checks, which send a golden row.
        of_other_models: Number of calls to other models of the same endpoint.
        unreadable: Number of lines that are no captured calls.
    """

    captured: int = 0
    refused: int = 0
    checks: int = 0
    of_other_models: int = 0
    unreadable: int = 0


@dataclass(frozen=True, kw_only=True)
class CaptureWindow:
    """Rows of captured requests as columns.

    Attributes:
        columns: Values of each field that the model uses, None where absent: as they are decoded from a
            request.
        predictions: Prediction of each row; None where it was not captured, or where another version of the
            model made it.
        times: Time of each row's request.
        calls: Number of the call of each row; rows of one call have one number.
        ids: InferenceId of each row's call; "" without one.
        counts: The captured calls.
        versions: Number of rows by the version of the model that answered; "" where it is not known.
        is_sample: Whether there were more rows than fit: then the rows are a sample of the calls.
    """

    columns: dict[str, list[Any]]
    predictions: list[PredictedValue] = field(default_factory=list)
    times: list[datetime.datetime] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    counts: CaptureCounts = field(default_factory=CaptureCounts)
    versions: dict[str, int] = field(default_factory=dict)
    is_sample: bool = False

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.times)


class _Call(NamedTuple):
    """Valid rows of one captured call."""

    rank: int
    time: datetime.datetime
    id: str
    size: int
    columns: dict[str, Sequence[Any]]
    predictions: Sequence[PredictedValue]
    version: str


class WindowCollector:
    """Collects captured calls, at most twice `most_rows` rows at a time.

    With more rows, it keeps the calls whose ids have the lowest checksums: the same sample every time.

    Args:
        manifest: Manifest of the model.
        most_rows: The most rows of the window, beside those of one last call.
        keeps_newest: Whether to keep the newest calls instead of a sample.
    """

    def __init__(self, manifest: Manifest, *, most_rows: int, keeps_newest: bool = False) -> None:
        self._manifest = manifest
        self._names = [field.name for field in manifest.fields if not field.ignored]
        self._requests = CapturedRequestReader(manifest)
        self._responses = CapturedResponseReader(manifest.task)
        self._most_rows = most_rows
        self._keeps_newest = keeps_newest
        self._ceiling = _HASHES
        self._calls: list[_Call] = []
        self._counts = CaptureCounts()
        self.size = 0

    def add(self, record: CaptureRecord) -> None:
        """Adds one captured call."""
        self._counts.captured += 1
        rank = zlib.crc32((record.event or record.id or record.time.isoformat()).encode())
        if rank >= self._ceiling or record.request is None:
            return
        if record.response is not None and is_refusal(record.response):
            self._counts.refused += 1
            return
        rows = self._requests.read(record.request)
        if rows is None or not rows.size:
            self._counts.refused += 1
            return
        if not record.id and self._requests.is_golden(rows):
            self._counts.checks += 1
            return
        total = rows.size + len(rows.invalid)
        found = self._responses.read(record.response, rows=total) if record.response else None
        if found and found.model not in ("", self._manifest.name):
            self._counts.of_other_models += 1
            return
        predictions = found or ResponsePredictions([None] * total)
        self._calls.append(
            _Call(
                rank=rank,
                time=record.time,
                id=record.id,
                size=rows.size,
                columns={name: values_of(rows, name) for name in self._names},
                predictions=[
                    value if predictions.version in ("", self._manifest.version) else None
                    for position, value in enumerate(predictions.values)
                    if position not in rows.invalid
                ],
                version=predictions.version,
            )
        )
        self.size += rows.size
        if self.size > 2 * self._most_rows:
            self._limit()

    def add_unreadable(self) -> None:
        """Counts a line that is no captured call."""
        self._counts.unreadable += 1

    def window(self) -> CaptureWindow:
        """Returns the collected rows in the order of time."""
        if self.size > self._most_rows:
            self._limit()
        calls = sorted(self._calls, key=lambda call: (call.time, call.rank))
        window = CaptureWindow(
            columns={name: [] for name in self._names}, is_sample=self._ceiling < _HASHES, counts=self._counts
        )
        for number, call in enumerate(calls):
            for name, column in window.columns.items():
                column.extend(call.columns[name])
            window.predictions.extend(call.predictions)
            window.times.extend([call.time] * call.size)
            window.calls.extend([number] * call.size)
            window.ids.extend([call.id] * call.size)
            window.versions[call.version] = window.versions.get(call.version, 0) + call.size
        return window

    def _limit(self) -> None:
        """Drops calls until at most `most_rows` rows are left, or one call."""
        calls = sorted(self._calls, key=self._order)
        while self.size > self._most_rows and len(calls) > 1:
            dropped = calls.pop()
            self.size -= dropped.size
            if not self._keeps_newest:
                self._ceiling = dropped.rank
        self._calls = calls

    def _order(self, call: _Call) -> tuple[float, int]:
        """Calls that are kept come first."""
        return (-call.time.timestamp() if self._keeps_newest else 0.0, call.rank)
