"""Contradictions in a field that a person has corrected, each as words for a sentence."""

import datetime
import math
import re
from collections.abc import Iterator

import msgspec
import pandas as pd
from msgspec import UNSET

from bundle import Field, row_type
from bundle.field import UNUSABLE_IN_NAMES
from training.tables.columns.table_column import TableColumn
from training.tables.notations.date_texts import ISO_ANY, read_times
from training.tables.notations.number_texts import COMMA, PLAIN, POINT
from training.tables.notations.numbered_times import NUMBERED_FORMS

_TEXT_TYPES, _DAY_TYPES = ("string", "text"), ("date", "time")
_LONGEST_SHOWN = 60


def imported_field_problem(column: TableColumn) -> str:
    """As `field_problem`, of an imported model, whose rows have its own columns, written as JSON has them."""
    own = {"column": column.name != column.field.name, "written": column.written, "missing": column.missing}
    for name, given in own.items():
        if given:
            return (
                f"{name} is of tables that a model learns from, and no imported model has one: remove {name}"
            )
    return field_problem(column)


def field_problem(column: TableColumn) -> str:
    """Returns the first contradiction in the field of a column, and "" without one."""
    field = column.field
    for problems in (_of_name, _of_limits, _of_texts, _of_days):
        for problem in problems(field):
            return problem
    return next(_of_written(column), "") or next(_of_example(field), "")


def _of_name(field: Field) -> Iterator[str]:
    if not field.name or UNUSABLE_IN_NAMES.search(field.name):
        yield "its name is empty, or has a quotation mark, backslash or control character"


def _of_limits(field: Field) -> Iterator[str]:
    given = {"minimum": field.minimum, "maximum": field.maximum}
    for name, limit in given.items():
        if limit is None:
            continue
        if not field.is_number:
            yield f"a {name} is of numbers, and its type is {field.type}: remove the {name}"
        if not math.isfinite(limit):
            yield f"its {name} is {limit}: remove that line for no {name}"
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield f"its minimum {field.minimum:g} is above its maximum {field.maximum:g}"


def _of_texts(field: Field) -> Iterator[str]:
    given = {"pattern": field.pattern, "values": field.values, "max_length": field.max_length}
    for name, rule in given.items():
        if rule not in (None, ()) and field.type not in _TEXT_TYPES:
            yield f"{name} is of strings, and its type is {field.type}: remove {name}"
    if field.max_length is not None and field.max_length < 1:
        yield f"its max_length is {field.max_length}, and the least is 1"
    repeated = [text for text in field.values if field.values.count(text) > 1]
    if repeated:
        yield f"its values have {repeated[0]!r} twice"
    try:
        re.compile(field.pattern or "")
    except re.error as error:
        yield f"its pattern is no regular expression, {error}"


def _of_days(field: Field) -> Iterator[str]:
    given = {"earliest": field.earliest, "latest": field.latest}
    days = {name: day for name, day in given.items() if day is not UNSET}
    for name, day in days.items():
        if field.type != "date":
            yield f"{name} is of dates, and its type is {field.type}: remove {name}"
        try:
            datetime.date.fromisoformat(str(day))
        except ValueError:
            yield f"its {name} is {day!r}, and a day is written as 2025-04-03"
    if len(days) == len(given) and str(field.earliest) > str(field.latest):
        yield f"its earliest day {field.earliest} is after its latest {field.latest}"


def _of_written(column: TableColumn) -> Iterator[str]:
    kind, written = column.field.type, column.written
    if not written:
        return
    if column.field.is_number:
        if written not in (PLAIN, POINT, COMMA):
            yield f'written is {written!r}, and numbers are written as "{POINT}" or "{COMMA}"'
    elif kind in _DAY_TYPES:
        if not all(map(_is_format, written.split("|"))):
            yield f"written is {written!r}, and formats of {kind}s have directives such as %d/%m/%Y or %H:%M"
    else:
        yield f"written is of numbers, dates and times, and its type is {kind}: remove written"


def _is_format(form: str) -> bool:
    try:
        read_times(pd.Series(["2025-04-03"]), form)
    except ValueError:
        return False
    return form in (ISO_ANY, *NUMBERED_FORMS) or "%" in form


def _of_example(field: Field) -> Iterator[str]:
    try:
        msgspec.convert({field.name: field.example}, row_type([field]))
    except msgspec.ValidationError as error:
        reason = str(error).partition(" - at")[0]
        shown = str(field.example)[:_LONGEST_SHOWN]
        yield f"the API would refuse its example {shown!r}, {reason}: give a value of a row"
