"""Values of one field in a batch: serving's rules check and convert each distinct value once."""

import datetime
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import GenericAlias
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bundle import NUMBERS, STRINGS, Columns, Field
from bundle.rows import value_type
from scoring.columns.python_values import python_values
from scoring.errors import ScoringError
from training.engines.distinct_value_cache import RememberedValues

# Status of a value; from INVALID on, its row is refused.
GIVEN, ABSENT, INVALID, MISSING = range(4)


@dataclass(frozen=True, kw_only=True)
class FieldValues:
    """Values of one field.

    Attributes:
        status: GIVEN, ABSENT or INVALID for each row; MISSING where a required value is absent.
        tensor: Columns of the input tensor for each distinct value; None when the field is ignored.
        distinct: Distinct values as serving decodes them; objects, or float64.
        codes: Position of each row's value among them; None when every row has its own.
    """

    status: Any
    tensor: Any
    distinct: Any
    codes: Any = None

    @property
    def decoded(self) -> Any:
        """Value of each row as serving decodes it."""
        return self.distinct if self.codes is None else self.distinct.take(self.codes)

    def tensor_of(self, rows: Any) -> Any:
        """Returns the columns of the input tensor of the rows at some positions."""
        return self.tensor.take(rows if self.codes is None else self.codes.take(rows), axis=0)


class FieldReader:
    """Reads the values of one field; several threads may use it.

    Args:
        field: The field.

    Attributes:
        required: Whether the field is required.
    """

    def __init__(self, field: Field) -> None:
        self._field = field
        self.required = field.required
        self._columns = Columns([field])
        self._tensor = STRINGS if self._columns.strings else NUMBERS
        self._kind = value_type(field)
        self._list = GenericAlias(list, (self._kind,))
        self._trims = field.type not in ("string", "text")
        self._remembered: dict[Any, RememberedValues[FieldValues]] = {}
        self._rules = [rule.holds for rule in field.row_rules() if len(rule.fields) == 1]

    def numbers(self, values: pa.Array) -> FieldValues:
        """Reads a column of an Arrow type of numbers, all values at once; NaN is an absent value."""
        field = self._field
        found = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        absent = np.isnan(found)
        with np.errstate(invalid="ignore", over="ignore"):
            valid = (found >= field.lowest) & (found <= field.highest)
            if field.type == "integer":
                valid &= found == np.floor(found)
            tensor = None if field.ignored else found.astype(np.float32)[:, None]
        status = np.where(valid, GIVEN, np.where(absent, ABSENT, INVALID)).astype(np.uint8)
        return FieldValues(status=status, tensor=tensor, distinct=found)

    def column(
        self, column: pa.DictionaryArray, *, json: bool, distinct: pa.Array | None = None
    ) -> FieldValues:
        """Reads a column of a batch; a value that an earlier batch had is not read again.

        Args:
            column: Values of the rows.
            json: Whether they are texts of JSON.
            distinct: Values in the place of the column's dictionary; None for the dictionary itself.
        """
        values = column.dictionary if distinct is None else distinct
        if pa.types.is_timestamp(values.type) and values.type.tz:
            values = self._local(values)
        key = (values.type, json)
        remembered = self._remembered.get(key)
        if remembered is None:
            compute = functools.partial(self._distinct, json=json)
            remembered = self._remembered.setdefault(key, RememberedValues(compute, _join))
        found, places = remembered.of(pa.concat_arrays([values, pa.nulls(1, values.type)]))
        status = found.status[places]
        if json and self.required:
            # A required value that is null is given, and wrong.
            status[:-1][status[:-1] == ABSENT] = INVALID
        codes = pc.fill_null(column.indices, len(values)).to_numpy(zero_copy_only=False)
        return FieldValues(
            status=status.take(codes),
            tensor=found.tensor,
            distinct=found.distinct,
            codes=places.take(codes),
        )

    def _local(self, values: pa.Array) -> pa.Array:
        try:
            return pc.local_timestamp(values)
        except pa.ArrowInvalid as error:
            raise ScoringError(
                f"The times of the field {self._field.name} are in the zone {values.type.tz!r}, which this "
                "machine does not know: write them in UTC, or in a zone of the IANA."
            ) from error

    def _distinct(self, values: pa.Array, *, json: bool) -> FieldValues:
        python = python_values(values)
        if json:
            python = [None if text is None else msgspec.json.decode(text) for text in python]
        return self.distinct(python, text=not json and pa.types.is_string(values.type), json=json)

    def distinct(self, values: Sequence[Any], *, text: bool, json: bool) -> FieldValues:
        """Reads distinct values.

        Args:
            values: Python's values of an Arrow column; None where absent.
            text: Whether they are cells of text, in which a number is digits and "" is absent.
            json: Whether they are values of JSON, of which only some numbers may be texts.
        """
        if text:
            values = [self._cell(value) for value in values]
        else:
            values = [value if json else _plain(value, self._field) for value in values]
        present = [value for value in values if value is not None]
        rest = iter(self._converted(present, strict=self._field.is_string or not text, json=json))
        decoded = [None if value is None else next(rest) for value in values]
        status = [
            ABSENT if value is None else GIVEN if self._is_valid(found) else INVALID
            for value, found in zip(values, decoded, strict=True)
        ]
        objects = np.empty(len(decoded), dtype=object)
        objects[:] = decoded
        tensor = None
        if not self._field.ignored:
            tensor = self._columns.encode({self._field.name: decoded}, len(decoded))[self._tensor]
        return FieldValues(status=np.array(status, dtype=np.uint8), tensor=tensor, distinct=objects)

    def _is_valid(self, decoded: Any) -> bool:
        """Returns whether a value was decoded and keeps the rules of the field alone."""
        return decoded is not None and all(holds(decoded) for holds in self._rules)

    def _converted(self, present: Sequence[Any], *, strict: bool, json: bool) -> Sequence[Any]:
        if not (json and self._field.from_text):
            try:
                found: list[Any] = msgspec.convert(present, self._list, strict=strict)
            except msgspec.ValidationError:
                pass
            else:
                return found
        return [self._read(value, strict=strict, json=json) for value in present]

    def _cell(self, text: str | None) -> str | None:
        return ((text.strip() if self._trims else text) or None) if text else None

    def _read(self, value: Any, *, strict: bool, json: bool) -> Any:
        """Returns the value as serving decodes it; None when it is invalid."""
        if json and self._field.from_text:
            strict = not isinstance(value, str)
        try:
            return msgspec.convert(value, self._kind, strict=strict)
        except msgspec.ValidationError:
            return None


def _plain(value: Any, field: Field) -> Any:
    """Returns a typed value in the form of a request: a day, a time, the digits of a code."""
    if isinstance(value, float) and math.isnan(value):
        return None
    if field.is_string and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(int(value)) if math.isfinite(value) and value == int(value) else value
    if field.type == "time" and isinstance(value, datetime.time | datetime.datetime):
        return f"{value:%H:%M}"
    if field.type == "date" and isinstance(value, datetime.datetime):
        return value.date()
    return value


def _join(one: FieldValues, other: FieldValues) -> FieldValues:
    return FieldValues(
        status=np.concatenate([one.status, other.status]),
        tensor=None if one.tensor is None else np.concatenate([one.tensor, other.tensor]),
        distinct=np.concatenate([one.distinct, other.distinct]),
    )


def is_numeric(kind: pa.DataType) -> bool:
    """Returns whether values of an Arrow type are numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
