"""Record batches to input tensors: the bundle's columns, computed column by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bundle import NUMBERS, STRINGS, Columns, Field
from bundle.field import RowRule
from scoring.columns.python_values import is_binary
from scoring.errors import ScoringError
from scoring.fields.field_values import (
    ABSENT,
    GIVEN,
    INVALID,
    MISSING,
    FieldReader,
    FieldValues,
    is_numeric,
)
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.rows import RowBatch
from training.data.file_format import with_points

# Pairs of values are compared once when so many for each row are possible.
_PAIRS_A_ROW = 4


@dataclass(frozen=True, kw_only=True)
class ReadRecords:
    """The rows of a batch, read.

    Attributes:
        valid: Whether each row keeps every rule.
        status: Status of each row's value by the name of its field.
        values: Values of the fields that have a column, by their name.
        unreadable: Number of values that could not be read and count as absent, by the name of their field.
        fields: Fields of the model.
    """

    valid: Any
    status: Mapping[str, Any]
    values: Mapping[str, FieldValues]
    unreadable: Mapping[str, int]
    fields: Sequence[Field]

    def tensors(self, rows: Any) -> dict[str, Any]:
        """Returns the input tensors of the rows at some positions."""
        layout = Columns(self.fields)
        tensors: dict[str, Any] = {}
        if layout.numbers:
            tensors[NUMBERS] = np.full((len(rows), len(layout.numbers)), np.nan, dtype=np.float32)
        if layout.strings:
            tensors[STRINGS] = np.full((len(rows), len(layout.strings)), "", dtype=object)
        places = dict.fromkeys(tensors, 0)
        for field in self.fields:
            if field.ignored:
                continue
            own = Columns([field])
            name = STRINGS if own.strings else NUMBERS
            end = places[name] + len(own.strings) + len(own.numbers)
            if field.name in self.values:
                tensors[name][:, places[name] : end] = self.values[field.name].tensor_of(rows)
            places[name] = end
        return tensors

    def request_columns(self) -> dict[str, Sequence[Any]]:
        """Returns the values of the valid rows as serving has them after decoding."""
        columns: dict[str, Sequence[Any]] = {}
        for name, values in self.values.items():
            found = values.decoded[self.valid].tolist()
            status = self.status[name][self.valid].tolist()
            columns[name] = [
                value if one == GIVEN else None for value, one in zip(found, status, strict=True)
            ]
        return columns


class RecordReader:
    """Reads the batches of one file; several threads may use it.

    Args:
        fields: Fields of the model.
        columns: The columns of the file that are fields.
    """

    def __init__(self, fields: Sequence[Field], columns: FieldColumns) -> None:
        self._fields = fields
        self._columns = columns
        self._readers = {field.name: FieldReader(field) for field in fields}
        self._clean = columns.reader()
        # Rules of one field are checked with its distinct values.
        self._rules = [
            (field.name, rule) for field in fields for rule in field.row_rules() if len(rule.fields) > 1
        ]

    def read(self, batch: RowBatch) -> ReadRecords:
        """Reads a batch.

        Raises:
            ScoringError: When a column has no single values, or its decimal commas are ambiguous.
            TrainingError: When its dates can be read in two ways.
        """
        size = len(batch.rows)
        unreadable: dict[str, int] = {}
        found: dict[str, FieldValues] = {}
        for field in self._fields:
            if positions := self._columns.positions.get(field.name):
                found[field.name] = self._read(field, positions, batch, unreadable)
        absent = np.full(size, ABSENT, dtype=np.uint8)
        status = {
            field.name: found[field.name].status if field.name in found else absent for field in self._fields
        }
        for field in self._fields:
            if field.required:
                one = status[field.name]
                status[field.name] = np.where(one == ABSENT, MISSING, one)
        self._check_rules(status, found)
        valid = np.ones(size, dtype=bool)
        for one in status.values():
            valid &= one < INVALID
        valid[[*batch.malformed]] = False
        return ReadRecords(
            valid=valid,
            status=status,
            values=found,
            unreadable=unreadable,
            fields=self._fields,
        )

    def _read(
        self, field: Field, positions: Sequence[int], batch: RowBatch, unreadable: dict[str, int]
    ) -> FieldValues:
        reader = self._readers[field.name]
        if field.name in self._columns.cleaned:
            return self._read_cleaned(field, _joined(batch.rows, positions), unreadable)
        [position] = positions
        json = batch.json.get(position)
        column = batch.rows.column(position) if json is None else json
        if json is None and field.is_number and is_numeric(column.type):
            return reader.numbers(column)
        encoded = self._encoded(column, field.name)
        distinct = None
        if json is None and field.is_number:
            distinct = self._with_points(field.name, encoded.dictionary)
        return reader.column(encoded, json=json is not None, distinct=distinct)

    def _read_cleaned(self, field: Field, column: pa.Array, unreadable: dict[str, int]) -> FieldValues:
        encoded = self._encoded(column, field.name)
        raw = encoded.dictionary
        numeric = field.name in self._columns.cleaned_numbers
        cleaned = self._clean(field.name, self._with_points(field.name, raw) if numeric else raw)
        found = self._readers[field.name].column(encoded, json=False, distinct=cleaned)
        lost = pc.and_not(pc.is_null(cleaned), self._columns.is_absent(raw)).to_numpy(zero_copy_only=False)
        if not lost.any():
            return found
        codes = pc.fill_null(encoded.indices, len(raw)).to_numpy(zero_copy_only=False)
        rows = np.append(lost, False)[codes]
        if field.required:
            found.status[rows] = INVALID
        else:
            unreadable[field.name] = int(rows.sum())
        return found

    def _with_points(self, field: str, texts: pa.Array) -> pa.Array:
        if not pa.types.is_string(texts.type) or not pc.any(pc.match_substring(texts, ",")).as_py():
            return texts
        return with_points(texts) if self._columns.has_decimal_commas(field) else texts

    def _encoded(self, column: pa.Array, field: str) -> pa.DictionaryArray:
        if pa.types.is_dictionary(column.type):
            return column
        if isinstance(column.type, pa.BaseExtensionType):
            column = column.storage
        try:
            if is_binary(column.type):
                # Older programs write texts of Parquet as bytes.
                column = column.cast(pa.binary()).cast(pa.string())
            return column.dictionary_encode()
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
            raise ScoringError(
                f"The column {self._columns.source(field)} has values of the type {column.type}, and the "
                f"field {field} takes texts in UTF-8, numbers or times: write one such value in each row."
            ) from error

    def _check_rules(self, status: Mapping[str, Any], values: Mapping[str, FieldValues]) -> None:
        """Marks the values that break a rule of rows; rows that lack one of its values keep it."""
        given = {name: one == GIVEN for name, one in status.items()}
        for name, rule in self._rules:
            if not values.keys() >= {*rule.fields}:
                continue
            rows = np.flatnonzero(np.logical_and.reduce([given[one] for one in rule.fields]))
            one, other = (values[name] for name in rule.fields)
            kept = _kept(rule, one, other, rows)
            status[name][rows[~kept]] = INVALID


def _kept(rule: RowRule, one: FieldValues, other: FieldValues, rows: Any) -> Any:
    """Returns whether some rows keep a rule of two fields; comparisons of two values compare arrays too."""
    pairs = len(one.distinct) * len(other.distinct)
    if one.codes is None or other.codes is None or pairs > _PAIRS_A_ROW * len(rows):
        return rule.holds(one.decoded.take(rows), other.decoded.take(rows)).astype(bool)
    pair = one.codes.take(rows).astype(np.int64) * len(other.distinct) + other.codes.take(rows)
    kept = np.zeros(pairs, bool)
    kept[pair] = True
    firsts, seconds = np.divmod(np.flatnonzero(kept), len(other.distinct))
    kept[kept] = rule.holds(one.distinct.take(firsts), other.distinct.take(seconds))
    return kept.take(pair)


def _joined(rows: pa.RecordBatch, positions: Sequence[int]) -> pa.Array:
    """Returns a column, or several as texts joined by "/"."""
    columns = [rows.column(position) for position in positions]
    if len(columns) == 1:
        return columns[0]
    return pc.binary_join_element_wise(*(_text(column) for column in columns), "/")


def _text(column: pa.Array) -> pa.Array:
    decoded = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return decoded.cast(pa.string())
