"""Reads the flights that `--data` names into a dataset."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from bundle import Field
from training.data.claimed_folder import claimed_folder
from training.data.data_request import SAMPLE, DataRequest
from training.data.dataset import Dataset
from training.engines.engine import Engine, open_engine
from training.engines.input_file import RawFile
from training.errors import TrainingError
from training.flights.casts import date_texts, is_unreadable
from training.flights.cleaning import cleaned, with_weather
from training.flights.dates import DateColumn, DateForm
from training.flights.flight_rows import WITHOUT_CODE, FileCounts, FlightRows
from training.flights.sources.file_format import read_header
from training.flights.sources.months import Month
from training.flights.sources.plain_file import plain_file
from training.flights.sources.sample import sample_source, sample_weather
from training.flights.sources.source import FlightSource, SourceFile, find_source
from training.flights.sources.unpacking import unpacked

_WANTED = {
    "flight_date": "dates as 2018-01-31",
    "scheduled_departure": "local times as 0545 or 05:45",
    "scheduled_arrival": "local times as 0545 or 05:45",
}


def flights_reader(fields: Sequence[Field]) -> Callable[[DataRequest], Dataset]:
    """Makes the reader of flights for a model with these fields.

    No column leaves the engine but the fields, the label and the flight number, which identifies duplicates:
    a value that is known only after the flight cannot become a feature.
    """
    by_name = {field.name: field for field in fields}

    def read(request: DataRequest) -> Dataset:
        source = sample_source() if request.source == SAMPLE else find_source(request)
        with (
            claimed_folder(request.cache, "spill-") as spill,
            open_engine(request.engine, master=request.master, bucket=request.bucket, spill=spill) as engine,
        ):
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
        cache = self.request.cache
        with (
            unpacked(file.path, file.member, cache) as unzipped,
            plain_file(unzipped, file.name, cache) as plain,
        ):
            raw = self.engine.read(plain)
            forms = self._date_forms(raw, plain)
            counts = FileCounts()
            for batch in self.engine.batches(self._clean(raw, forms), file.name):
                if file.month:
                    _check_month(batch, file, file.month)
                rows.add(batch, counts)
            if column := counts.mostly_unreadable():
                raise self._unreadable(raw, plain, column, counts, forms)
        if counts.is_much(counts.dropped[WITHOUT_CODE]):
            raise TrainingError(
                f"{file.name} has {counts.dropped[WITHOUT_CODE]:,} of {counts.rows:,} rows {WITHOUT_CODE}, "
                f"such as {', '.join(map(repr, counts.wrong_codes))}: write IATA codes such as AA, LAX and "
                "PBI."
            )
        if not counts.usable:
            raise TrainingError(f"{file.name} has no usable flight{counts.described()}.")

    def _date_forms(self, raw: ir.Table, file: RawFile) -> list[DateForm]:
        if "flight_date" not in file.columns:
            return []
        texts = DateColumn(
            pair
            for batch in self.engine.batches(date_texts(raw), file.name)
            for pair in zip(
                batch.column("text").to_pylist(), batch.column("has_clock").to_pylist(), strict=True
            )
        )
        last_year = self.request.today().year + 1
        return texts.forms(last_year=last_year, column=file.source_name("flight_date"), file=file.name)

    def _unreadable(
        self, raw: ir.Table, file: RawFile, column: str, counts: FileCounts, forms: list[DateForm]
    ) -> TrainingError:
        """Makes the error of a column with many unreadable texts; it shows the first of them."""
        query = raw.filter(is_unreadable(raw, column, forms)).select(text=raw[column]).limit(1)
        texts = [text for b in self.engine.batches(query, file.name) for text in b.column("text").to_pylist()]
        return TrainingError(
            f"{file.name} has {counts.unreadable[column]:,} of {counts.rows:,} rows that cannot be read in "
            f"column {file.source_name(column)}, such as {', '.join(map(repr, texts))}: write "
            f"{_WANTED.get(column, 'numbers such as 12 or 12.5')}."
        )

    def _clean(self, raw: ir.Table, forms: list[DateForm]) -> ir.Table:
        flown = cleaned(raw, self.fields, forms)
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
