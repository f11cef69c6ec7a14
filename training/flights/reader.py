"""Reads the flights that `--data` names into a dataset."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from bundle import Field
from training.data.data_options import SAMPLE, DataOptions
from training.data.dataset import Dataset
from training.data.file_format import read_format
from training.engines.engine import ENGINES, Engine, RawFile
from training.errors import TrainingError
from training.flights.cleaning import USABLE, cleaned, date_texts, is_unreadable, parsed
from training.flights.date_formats import DateColumn, DateForm
from training.flights.flight_rows import WITHOUT_CODE, FileCounts, FlightRows
from training.flights.inbound.coverage import tell_inbound
from training.flights.sources.dialect import known_columns, recognise
from training.flights.sources.months import Month
from training.flights.sources.plain_file import plain_file
from training.flights.sources.sample import sample_source
from training.flights.sources.source import FlightSource, SourceFile, find_source
from training.flights.sources.unpacking import unpacked
from training.flights.weather.coverage import check_weather
from training.flights.weather.hourly_join import with_weather
from training.flights.weather.weather_source import WeatherSource, open_weather

_FIRST_DATES = 10_000
_WANTED = {
    "flight_date": "dates as 2018-01-31",
    "scheduled_departure": "local times as 0545 or 05:45",
    "scheduled_arrival": "local times as 0545 or 05:45",
}


def flights_reader(fields: Sequence[Field]) -> Callable[[DataOptions], Dataset]:
    """Makes the reader of flights for a model with these fields.

    No column leaves the engine but the fields, both targets and the flight number, which identifies
    duplicates: a value that is known only after the flight cannot become a feature.
    """
    by_name = {field.name: field for field in fields}

    def read(options: DataOptions) -> Dataset:
        source = sample_source() if options.source == SAMPLE else find_source(options)
        weather_of = open_weather(options) if options.weather or options.source == SAMPLE else nullcontext()
        with open_engine(options) as engine, weather_of as weather:
            return _Reader(fields=by_name, engine=engine, options=options, weather=weather).dataset(source)

    return read


class _OtherFormsError(Exception):
    """A file has dates in forms that its first rows do not show."""


@contextmanager
def open_engine(options: DataOptions) -> Iterator[Engine]:
    """Opens the chosen engine and closes it at the end of the block.

    Raises:
        TrainingError: When there is no such engine, or a library or service that it needs is missing.
    """
    if options.engine == "duckdb":
        from training.engines.duckdb_engine import DuckDBEngine

        with DuckDBEngine(options.cache / "spill") as duckdb:
            yield duckdb
    elif options.engine == "spark":
        from training.engines.spark_engine import SparkEngine

        yield SparkEngine(options.master)
    elif options.engine == "athena":
        from training.engines.athena_engine import AthenaEngine

        with AthenaEngine(options.bucket) as athena:
            yield athena
    else:
        raise TrainingError(f"There is no engine {options.engine!r}: choose {', '.join(ENGINES)}.")


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """Reads files through one engine."""

    fields: Mapping[str, Field]
    engine: Engine
    options: DataOptions
    weather: WeatherSource | None

    def dataset(self, source: FlightSource) -> Dataset:
        try:
            rows = self._rows(source, first_dates=_FIRST_DATES)
        except _OtherFormsError:
            rows = self._rows(source, first_dates=None)
        data = rows.dataset(self._name(source))
        if self.weather and self.weather.name:
            check_weather(data, self.weather.name, self.options.progress)
        if rows.has_legs:
            tell_inbound(data, self.options.progress)
        return data

    def _name(self, source: FlightSource) -> str:
        with_weather_of = self.weather.name if self.weather else ""
        return f"{source.name}, with the weather of {with_weather_of}" if with_weather_of else source.name

    def _rows(self, source: FlightSource, *, first_dates: int | None) -> FlightRows:
        """Reads all files.

        Args:
            source: The files.
            first_dates: Number of rows that decide the forms of a file's dates, if these are of no other
                forms than those that need no decision; None for all rows.

        Raises:
            _OtherFormsError: When other rows of a file have dates in other forms.
        """
        rows = FlightRows(self.fields)
        for position, file in enumerate(source.files, start=1):
            if len(source.files) > 1:
                self.options.progress.step(f"reading {file.name}, {position} of {len(source.files)}")
            self._read(file, rows, first_dates)
        return rows

    def _read(self, file: SourceFile, rows: FlightRows, first_dates: int | None) -> None:
        # One file at a time, so that at most one is unpacked on disk.
        with self._plain(file) as plain:
            raw = self.engine.read(plain)
            forms = self._first_forms(raw, plain, first_dates) or self._date_forms(raw, plain)
            counts = FileCounts()
            flown = cleaned(raw, self.fields, forms)
            for batch in self.engine.batches(self._with_weather(flown, file.name), file.name):
                if file.month:
                    _check_month(batch, file, file.month)
                rows.add(batch, counts)
            if first_dates and counts.unreadable["flight_date"] and self._date_forms(raw, plain) != forms:
                raise _OtherFormsError
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

    @contextmanager
    def _plain(self, file: SourceFile) -> Iterator[RawFile]:
        """Unpacks a file, and writes it in plain form, where engines cannot read it as it is."""
        path, cache = file.path, self.options.cache
        with ExitStack() as stack:
            if file.is_packed:
                path = stack.enter_context(unpacked(path, file.member, cache))
            form = read_format(path, file.name, known_columns)
            columns = recognise(form.header, file.name).column_names(form.header)
            raw = RawFile(path=path, header=form.header, columns=tuple(columns), name=file.name)
            yield raw if form.is_plain else stack.enter_context(plain_file(raw, form, cache))

    def _first_forms(self, raw: ir.Table, file: RawFile, first_dates: int | None) -> list[DateForm]:
        """Returns the forms of the first dates; none where all dates decide about an order.

        A pass over the whole file for its dates alone takes a quarter of the time of reading it.
        """
        if first_dates is None or "flight_date" not in file.columns:
            return []
        first = self._dates(raw.limit(first_dates), file)
        return [] if first.by_kind else self._forms_of(first, file)

    def _date_forms(self, raw: ir.Table, file: RawFile) -> list[DateForm]:
        if "flight_date" not in file.columns:
            return []
        return self._forms_of(self._dates(raw, file), file)

    def _forms_of(self, dates: DateColumn, file: RawFile) -> list[DateForm]:
        return dates.forms(today=self.options.today, column=file.source_name("flight_date"), file=file.name)

    def _dates(self, raw: ir.Table, file: RawFile) -> DateColumn:
        return DateColumn(
            pair
            for batch in self.engine.batches(date_texts(raw), file.name)
            for pair in zip(
                batch.column("text").to_pylist(), batch.column("has_clock").to_pylist(), strict=True
            )
        )

    def _unreadable(
        self, raw: ir.Table, file: RawFile, column: str, counts: FileCounts, forms: list[DateForm]
    ) -> TrainingError:
        """Makes the error of a column with many unreadable texts; it shows the first of them."""
        table = parsed(raw, forms)
        query = table.filter(is_unreadable(table, column)).select(text=table[column]).limit(1)
        texts = [text for b in self.engine.batches(query, file.name) for text in b.column("text").to_pylist()]
        return TrainingError(
            f"{file.name} has {counts.unreadable[column]:,} of {counts.rows:,} rows that cannot be read in "
            f"column {file.source_name(column)}, such as {', '.join(map(repr, texts))}: write "
            f"{_WANTED.get(column, 'numbers such as 12 or 12.5')}."
        )

    def _with_weather(self, flown: ir.Table, name: str) -> ir.Table:
        if self.weather is None:
            return flown
        path = self.weather.hours(lambda: self._departures(flown, name))
        return with_weather(flown, self.engine, self.fields, path)

    def _departures(self, flown: ir.Table, name: str) -> pd.DataFrame:
        usable = flown.filter(flown.reason == USABLE)
        days = usable.select(origin=usable.origin.strip(), flight_date=usable.flight_date).distinct()
        found = [batch.to_pandas() for batch in self.engine.batches(days, name)]
        return pd.concat(found) if found else pd.DataFrame({"origin": [], "flight_date": []})


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
