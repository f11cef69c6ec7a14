"""Fields of flights whose arrival delay nobody knows: the texts of a file, cleaned as in training."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock, local
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.compute as pc

from bundle import Field
from training.data.file_format import is_zoned
from training.engines.distinct_value_cache import RememberedValues
from training.engines.engine import UNUSED, RawFile
from training.engines.parquet_as_text import as_text
from training.flights.cleaning import ABSENT_TEXTS, parsed, within
from training.flights.date_formats import DATE_LENGTH, JOINED, DateColumn, DateForm
from training.flights.request_fields import CODE_FIELDS, TIME_FIELDS
from training.flights.sources.dialect import recognise

_TARGET = ("arrival_delay",)

_PARTS = ("month", "day", "year")
_CLOCK = pa.array([f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in range(24 * 60)])


class UnlabelledFlights:
    """Reads the fields of one file's flights, some distinct values of a column at a time.

    Args:
        header: Names of the columns in the file.
        name: The file's name in messages.
        fields: Fields of the model.
        distinct: Returns the distinct values of the column of that name in the whole file.
        today: Returns the current day.

    Attributes:
        columns: Names of the columns that make a field, by its name. Several columns are read joined by "/".
        numbers: Names of the fields whose texts are numbers.
        decided_by_file: Names of the fields whose values all texts of the file decide.

    Raises:
        TrainingError: When the header is of no known dialect.
    """

    def __init__(
        self,
        header: Sequence[str],
        name: str,
        fields: Sequence[Field],
        distinct: Callable[[str], Iterable[Any]],
        today: Callable[[], Any],
    ) -> None:
        ours = recognise(header, name, _TARGET).column_names(header)
        found = {one: theirs for one, theirs in zip(ours, header, strict=True) if not one.startswith(UNUSED)}
        self._fields = {field.name: field for field in fields}
        self.columns: Mapping[str, tuple[str, ...]] = {
            one: (theirs,) for one, theirs in found.items() if one in self._fields
        }
        if "flight_date" not in found:
            self.columns = {**self.columns, "flight_date": tuple(found[part] for part in _PARTS)}
        self.numbers = tuple(one for one in self.columns if one not in (*CODE_FIELDS, "flight_date"))
        self.decided_by_file = tuple(one for one in ("flight_date",) if len(self.columns[one]) == 1)
        self._name, self._distinct, self._today = name, distinct, today
        self._forms: list[DateForm] | None = None
        self._lock = Lock()

    def reader(self) -> Callable[[str, pa.Array], pa.Array]:
        """Returns a function from the name of a field and raw values to the field's values, for any thread.

        A text that cannot be read and a number outside its field's range become null, as in training.
        """
        texts = _Texts()

        def read(field: str, raw: pa.Array) -> pa.Array:
            text = texts.of(raw)
            if field in CODE_FIELDS:
                return pc.utf8_trim_whitespace(text)
            values = texts.values(field, text, self._date_forms(field, text), self._fields[field])
            return _CLOCK.take(values) if field in TIME_FIELDS else values

        return read

    def is_absent(self, raw: pa.Array) -> pa.Array:
        """Returns which texts stand for an absent value; none of another type does."""
        if not pa.types.is_string(raw.type):
            return pc.is_null(raw, nan_is_null=True)
        bare = pc.utf8_upper(pc.replace_substring(raw, " ", ""))
        return pc.is_in(bare, pa.array([*ABSENT_TEXTS, None], pa.string()))

    def _date_forms(self, field: str, texts: pa.Array) -> Sequence[DateForm]:
        """Returns the forms of some dates; those with an order of day and month are decided by all dates."""
        if field != "flight_date":
            return ()
        if len(self.columns[field]) > 1:
            return [JOINED]
        column = DateColumn(_date_texts(texts))
        if not column.by_kind:
            return sorted(column.fixed, key=lambda form: form.separator)
        # Threads that read parts of one file must not read the whole of it each.
        with self._lock:
            if self._forms is None:
                [name] = self.columns[field]
                reader = _Texts()
                every = {pair for part in self._distinct(name) for pair in _date_texts(reader.of(part))}
                self._forms = DateColumn(every).forms(today=self._today, column=name, file=self._name)
            return self._forms


def _date_texts(texts: pa.Array) -> Iterable[tuple[str, bool]]:
    for text in texts.to_pylist():
        bare = (text or "").strip()
        yield bare[:DATE_LENGTH], bare.upper().endswith("M")


class _Texts:
    """Runs the expressions of the cleaning in DuckDB; several threads may use it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of_thread = local()
        self._remembered: dict[Any, RememberedValues[pa.Array]] = {}

    def of(self, raw: pa.Array) -> pa.Array:
        """Returns values as the text that a CSV file would hold."""
        if pa.types.is_string(raw.type):
            return raw
        if pa.types.is_large_string(raw.type) or pa.types.is_null(raw.type):
            return raw.cast(pa.string())
        here = pc.local_timestamp(raw) if is_zoned(raw.type) else raw

        def query() -> Any:
            schema = pa.schema([("value", here.type)])
            typed = ibis.table(ibis.Schema.from_pyarrow(schema), name="raw")
            return as_text(typed, RawFile(path=Path(), header=("value",), columns=("value",), name=""))

        return self._run(here.type, query, here)

    def values(self, name: str, texts: pa.Array, forms: Sequence[DateForm], field: Field) -> pa.Array:
        """Returns the values of texts of one of our columns."""

        def query() -> Any:
            raw = ibis.table({"value": "string"}, name="raw").rename({name: "value"})
            # The expression reads a date beside every column.
            whole = raw if name == "flight_date" else raw.mutate(flight_date=ibis.null("string"))
            value = parsed(whole, forms)
            if field.is_number:
                return value.select(value=within(value[f"{name}_value"], field))
            return value.select(value=value[f"{name}_value"])

        return self._run((name, *forms), query, texts)

    def _run(self, key: Any, query: Callable[[], Any], values: pa.Array) -> pa.Array:
        """Runs an expression on values; each result depends on one of them alone."""
        with self._lock:
            if key not in self._remembered:
                sql = ibis.to_sql(query(), dialect="duckdb", pretty=False)
                compute = functools.partial(self._computed, sql)
                self._remembered[key] = RememberedValues(compute, lambda *parts: pa.concat_arrays(parts))
        results, places = self._remembered[key].of(values)
        return results.take(places)

    def _computed(self, query: str, values: pa.Array) -> pa.Array:
        connection = getattr(self._of_thread, "connection", None)
        if connection is None:
            # With one thread, values keep their order.
            connection = self._of_thread.connection = duckdb.connect(config={"threads": 1})
        connection.register("raw", pa.table({"value": values}))
        return connection.sql(query).to_arrow_table().column(0).combine_chunks()
