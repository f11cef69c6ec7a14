"""Reads the flights that `--data` names into a dataset."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from bundle import Field
from training.data.data_request import SAMPLE, DataRequest
from training.data.dataset import Dataset
from training.engines.engine import Engine, open_engine
from training.engines.input_file import RawFile
from training.errors import TrainingError
from training.flights.cleaning import cleaned, with_weather
from training.flights.flight_rows import FlightRows
from training.flights.sources.dialect import read_header, recognise
from training.flights.sources.months import Month
from training.flights.sources.sample import sample_source, sample_weather
from training.flights.sources.source import FlightSource, SourceFile, find_source
from training.flights.sources.unpacking import unpacked


def flights_reader(fields: Sequence[Field]) -> Callable[[DataRequest], Dataset]:
    """Makes the reader of flights for a model with these fields.

    No column leaves the engine but the fields, the label and the flight number, which identifies duplicates:
    a value that is known only after the flight cannot become a feature.
    """
    by_name = {field.name: field for field in fields}

    def read(request: DataRequest) -> Dataset:
        source = sample_source() if request.source == SAMPLE else find_source(request)
        with open_engine(
            request.engine, master=request.master, bucket=request.bucket, spill=request.cache / "spill"
        ) as engine:
            return _Reader(fields=by_name, engine=engine, request=request).dataset(source)

    return read


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """Reads files through one engine."""

    fields: Mapping[str, Field]
    engine: Engine
    request: DataRequest

    def dataset(self, source: FlightSource) -> Dataset:
        rows = FlightRows(self.fields)
        for position, file in enumerate(source.files, start=1):
            if len(source.files) > 1:
                self.request.progress.step(f"reading {file.name}, {position} of {len(source.files)}")
            self._read(file, rows)
        return rows.dataset(source.name)

    def _read(self, file: SourceFile, rows: FlightRows) -> None:
        # One file at a time, so that at most one is unpacked on disk.
        usable = sum(self._usable(file, rows))
        if not usable:
            raise TrainingError(
                f"{file.name} has no usable flight: each is cancelled, diverted, or has no arrival delay, "
                "date, scheduled departure or code of the usual form."
            )

    def _usable(self, file: SourceFile, rows: FlightRows) -> Iterator[int]:
        with unpacked(file.path, file.member, self.request.cache) as plain:
            raw = self._raw(plain, file.name)
            for batch in self.engine.batches(self._clean(raw), file.name):
                if file.month:
                    _check_month(batch, file, file.month)
                yield rows.add(batch)

    def _raw(self, plain: Path, name: str) -> ir.Table:
        header = read_header(plain, name)
        dialect = recognise(header, name)
        file = RawFile(
            path=plain, header=tuple(header), columns=tuple(dialect.column_names(header)), name=name
        )
        return self.engine.read(file)

    def _clean(self, raw: ir.Table) -> ir.Table:
        flown = cleaned(raw, self.fields)
        if self.request.source != SAMPLE:
            return flown
        path = sample_weather()
        header = tuple(read_header(path, str(path)))
        observed = self.engine.read(RawFile(path=path, header=header, columns=header, name=path.name))
        return with_weather(flown, observed, self.fields)


def _check_month(batch: pa.RecordBatch, file: SourceFile, month: Month) -> None:
    """Rejects flights of other months and deletes the file that has them."""
    days = batch.column("flight_date").drop_null().to_numpy(zero_copy_only=False)
    found_months = np.unique(days.astype("datetime64[M]")).astype(str).tolist()
    if found_months and found_months != [str(month)]:
        file.path.unlink()
        raise TrainingError(
            f"{file.name} should have the flights of {month} but has those of "
            f"{', '.join(found_months[:3])}: it was deleted, so run the command again."
        )
