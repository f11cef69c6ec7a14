"""From what `--data` says to rows to learn from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from bundle import Field
from training.data.dataset import Dataset
from training.data.request import SAMPLE, DataRequest
from training.engines.opening import Engine, opened
from training.engines.raw import RawFile
from training.errors import TrainingError
from training.flights.cleaning import cleaned
from training.flights.dialect import header_of, recognised
from training.flights.rows import Rows
from training.flights.sources.months import Month
from training.flights.sources.sample import sample, sample_weather
from training.flights.sources.source import Source, SourceFile, found
from training.flights.sources.unpacking import unpacked
from training.flights.weather import with_weather


def flights_reader(fields: Sequence[Field]) -> Callable[[DataRequest], Dataset]:
    """A reader of flights for a model with these fields.

    Columns that are no field never leave the engine, but for the flight number, which tells flights apart:
    so nothing known only afterwards can be learned from.
    """
    by_name = {field.name: field for field in fields}

    def read(request: DataRequest) -> Dataset:
        source = sample() if request.source == SAMPLE else found(request)
        with opened(request) as engine:
            return _Reading(fields=by_name, engine=engine, request=request).dataset(source)

    return read


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """Files on their way through an engine."""

    fields: Mapping[str, Field]
    engine: Engine
    request: DataRequest

    def dataset(self, source: Source) -> Dataset:
        rows = Rows(self.fields)
        for position, file in enumerate(source.files, start=1):
            if len(source.files) > 1:
                self.request.progress.step(f"reading {file.name}, {position} of {len(source.files)}")
            self._read(file, rows)
        return rows.dataset(source.name)

    def _read(self, file: SourceFile, rows: Rows) -> None:
        # One at a time, so that only one has to lie there unpacked.
        usable = sum(self._usable(file, rows))
        if not usable:
            raise TrainingError(
                f"{file.name} has no flight that can be used: each is cancelled, diverted, or without its "
                "arrival delay, date, times or codes."
            )

    def _usable(self, file: SourceFile, rows: Rows) -> Iterator[int]:
        with unpacked(file.path, file.member, self.request.cache) as plain:
            raw = self._raw(plain, file.name)
            for batch in self.engine.batches(self._clean(raw), file.name):
                if file.month:
                    _check_month(batch, file, file.month)
                yield rows.add(batch)

    def _raw(self, plain: Path, name: str) -> ir.Table:
        header = header_of(plain, name)
        dialect = recognised(header, name)
        file = RawFile(path=plain, header=tuple(header), columns=tuple(dialect.roles(header)), name=name)
        return self.engine.read(file)

    def _clean(self, raw: ir.Table) -> ir.Table:
        flown = cleaned(raw, self.fields)
        if self.request.source != SAMPLE:
            return flown
        path = sample_weather()
        header = tuple(header_of(path, str(path)))
        observed = self.engine.read(RawFile(path=path, header=header, columns=header, name=path.name))
        return with_weather(flown, observed, self.fields)


def _check_month(batch: pa.RecordBatch, file: SourceFile, month: Month) -> None:
    """Refuses flights of other months, and forgets the file that holds them."""
    days = batch.column("flight_date").drop_null().to_numpy(zero_copy_only=False)
    found_months = np.unique(days.astype("datetime64[M]")).astype(str).tolist()
    if found_months and found_months != [str(month)]:
        file.path.unlink()
        raise TrainingError(
            f"{file.name}, which should hold the flights of {month}, holds those of "
            f"{', '.join(found_months[:3])}: it was removed, so ask again."
        )
