"""Columns of a file that are the fields of its rows: by the fields' names, or by a dialect of training."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from scoring.errors import ScoringError
from scoring.inputs.row_reader import RowReader
from scoring.inputs.rows import InputRows
from serving.rows.row_error_messages import nearest
from training.data.data_options import current_day
from training.data.file_format import DECIMAL_COMMA, GROUPED, ambiguous_comma
from training.errors import TrainingError
from training.flights.sources.dialect import known_columns

_LISTED = 20


class FieldColumns:
    """The columns of one file that are fields.

    A file has the names of all required fields, or the columns of a dialect that the model's training reads;
    other fields may stand beside a dialect's columns under their own names.

    Args:
        rows: The file.
        name: Its name in messages.
        reader: Reader of the rows.

    Attributes:
        positions: Positions of the columns of a field, by its name.
        cleaned: Names of the fields whose values the training's cleaning makes.
        cleaned_numbers: Those whose texts are numbers.
        decided_by_file: Those whose values all texts of the file decide, such as the order of day and month.
        comma_numbers: Names of the fields of numbers whose commas all texts of the file decide.

    Raises:
        ScoringError: When a required field has no column, or a used column occurs twice.
    """

    def __init__(self, rows: InputRows, name: str, reader: RowReader) -> None:
        self._rows, self._name, self._fields = rows, name, reader.fields
        fields, unlabelled = reader.fields, reader.unlabelled()
        self._header = [*(rows.header if reader.table is None else reader.table.headers(rows.header))]
        self._unlabelled: Any = None
        self._decimal: bool | None = None
        self._lock = Lock()
        columns: dict[str, tuple[str, ...]] = {f.name: (f.name,) for f in fields if f.name in self._header}
        missing = [field.name for field in fields if field.required and field.name not in columns]
        if missing and unlabelled is None:
            raise ScoringError(self._missing(missing))
        if unlabelled is not None and (missing or reader.table is not None):
            columns |= self._dialect(unlabelled, missing)
        self.cleaned: frozenset[str] = frozenset(self._unlabelled.columns if self._unlabelled else ())
        self.cleaned_numbers: frozenset[str] = frozenset(self._unlabelled.numbers if self._unlabelled else ())
        self.decided_by_file: frozenset[str] = frozenset(
            self._unlabelled.decided_by_file if self._unlabelled else ()
        )
        self.comma_numbers = self.cleaned_numbers | {
            field.name for field in fields if field.is_number and field.name not in self.cleaned
        }
        self._check_once(columns)
        self.positions: Mapping[str, tuple[int, ...]] = {
            field: tuple(map(self._header.index, names)) for field, names in columns.items()
        }

    def _dialect(
        self, unlabelled: Callable[[], Any], missing: Sequence[str]
    ) -> Mapping[str, tuple[str, ...]]:
        def distinct(column: str) -> Iterable[Any]:
            return self._rows.distinct(self._header.index(column))

        try:
            self._unlabelled = unlabelled()(self._header, self._name, self._fields, distinct, current_day)
        except TrainingError as error:
            required = [field.name for field in self._fields if field.required]
            if len(missing) < len(required):
                raise ScoringError(self._missing(missing)) from error
            own = "" if known_columns(self._header) else f" The API's own names are {', '.join(required)}."
            raise ScoringError(f"{error}{own}") from error
        columns: Mapping[str, tuple[str, ...]] = self._unlabelled.columns
        return columns

    def _missing(self, missing: Sequence[str]) -> str:
        hints = []
        for name in missing:
            near = nearest(name, self._header)
            hints.append(f"{name!r}" + (f" (did you mean its column {near!r}?)" if near else ""))
        optional = [field.name for field in self._fields if not field.required and not field.ignored]
        also = f" It may also have {', '.join(optional[:_LISTED])}." if optional else ""
        return (
            f"{self._name} has no column {' and no column '.join(hints)}: name the columns of its header as "
            f"the model's fields.{also}"
        )

    def _check_once(self, columns: Mapping[str, tuple[str, ...]]) -> None:
        for names in columns.values():
            for name in names:
                if self._header.count(name) > 1:
                    raise ScoringError(
                        f"{self._name} has the column {name!r} {self._header.count(name)} times: "
                        "remove or rename all but one."
                    )

    def source(self, field: str) -> str:
        """Returns the name in the file of a field's column, or the names of its columns."""
        return ", ".join(self._header[position] for position in self.positions[field])

    def misspelt(self) -> Mapping[str, str]:
        """Returns fields without a column by the name of an unused column that resembles theirs.

        A dialect's columns have other names than the fields.
        """
        if self._unlabelled:
            return {}
        used = {position for positions in self.positions.values() for position in positions}
        absent = [f.name for f in self._fields if f.name not in self.positions and not f.ignored]
        unused = [name for place, name in enumerate(self._header) if place not in used][:_LISTED]
        return {name: near for name in unused if (near := nearest(name, absent)) is not None}

    def reader(self) -> Callable[[str, pa.Array], pa.Array]:
        """Returns a function for one thread that cleans raw values of one of the `cleaned` fields."""
        if self._unlabelled is None:
            return lambda _field, raw: raw
        found: Callable[[str, pa.Array], pa.Array] = self._unlabelled.reader()
        return found

    def is_absent(self, raw: pa.Array) -> pa.Array:
        """Returns which raw values of a cleaned field stand for an absent one."""
        return self._unlabelled.is_absent(raw)

    def has_decimal_commas(self, field: str) -> bool:
        """Returns whether the numbers of the file have decimal commas; all of them decide it.

        Raises:
            ScoringError: When every comma may separate thousands or decimals.
        """
        if not self._rows.decides_commas or (field in self.cleaned and self._rows.is_plain):
            return False
        # Threads that read parts of one file must not read the whole of it each.
        with self._lock:
            if self._decimal is None:
                self._decimal = self._decide_commas()
            return self._decimal

    def _decide_commas(self) -> bool:
        grouped: tuple[str, str] | None = None
        for name, texts in self._numbers_with_commas():
            if name not in self.cleaned and not _all_match(texts, DECIMAL_COMMA):
                return False
            if not _all_match(texts, GROUPED):
                return True
            grouped = grouped or (self.source(name), texts[0].as_py())
        if grouped:
            column, text = grouped
            raise ScoringError(f"{ambiguous_comma(self._name, text, column)}")
        return False

    def _numbers_with_commas(self) -> Iterator[tuple[str, pa.Array]]:
        """Yields the distinct texts with commas of each field of numbers, with the field's name."""
        for name in [field.name for field in self._fields if field.name in self.comma_numbers]:
            for position in self.positions.get(name, ()):
                for values in self._rows.distinct(position):
                    if pa.types.is_string(values.type):
                        texts = values.filter(pc.match_substring(values, ","))
                        if len(texts):
                            yield name, texts


def _all_match(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern)).as_py())
