"""File of a table's fields, table.toml: people correct and keep it, and the next run reads it."""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import msgspec

from bundle import Field
from bundle.field import FieldType
from training.errors import TrainingError
from training.tables.columns.table_column import TableColumn

FIELDS_FILE = "table.toml"
_DELETE = "\x7f"
_OWN = ("column", "written", "missing", "left_out")
_DEFAULTS = {one.name: one.default for one in msgspec.structs.fields(Field) if not one.required}


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """Content of the file.

    Attributes:
        columns: The columns; their notes are not kept.
        settings: Texts and lists of texts beside the columns, such as the target.
    """

    columns: tuple[TableColumn, ...]
    settings: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


def write_table_file(path: Path, content: TableFile, *, title: str) -> None:
    """Writes the file; `title` is its first line, a comment.

    Raises:
        OSError: When it cannot be written.
    """
    lines = [
        f"# {title}",
        "# Correct it and train again: the fields are then read from here, and no longer inferred. To leave",
        '# a column out, give it left_out = "why"; to use one that is left out, remove that line.',
        *_lines(content.settings),
    ]
    for column in content.columns:
        lines += ["", "[[field]]", *_lines(_values(column))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_table_file(path: Path) -> TableFile:
    """Reads the file.

    Raises:
        TrainingError: When it is no TOML, or a value in it is wrong; the message names the field.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainingError(
            f"{path} cannot be read ({error}): correct it, or remove it and the fields are inferred again."
        ) from error
    tables = found.pop("field", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables) or not tables:
        raise TrainingError(f"{path} has no [[field]]: remove the file, and the fields are inferred again.")
    columns = tuple(_column(path, number, table) for number, table in enumerate(tables, start=1))
    names = [column.field.name for column in columns if not column.left_out]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise TrainingError(f"{path} has two fields of the name {repeated!r}: rename one of them.")
    return TableFile(columns=columns, settings=found)


def stated_attributes(of: Field) -> dict[str, Any]:
    """Returns the attributes of a field that differ from their defaults."""
    return {
        key: value
        for key, value in msgspec.structs.asdict(of).items()
        if value != _DEFAULTS.get(key) and value is not msgspec.UNSET
    }


def _values(column: TableColumn) -> dict[str, Any]:
    """Returns the attributes of the field that differ from their defaults, and those of the column."""
    own = {
        "column": column.name if column.name != column.field.name else None,
        "written": column.written or None,
        "missing": column.missing or None,
        "left_out": column.left_out or None,
    }
    return {**stated_attributes(column.field), **own}


def _column(path: Path, number: int, table: dict[str, Any]) -> TableColumn:
    name = str(table.get("name", ""))
    where = f"the field {name!r}" if name else f"field {number}"
    own = {key: table.pop(key) for key in _OWN if key in table}
    try:
        texts = {key: msgspec.convert(own.get(key, ""), str) for key in ("column", "written", "left_out")}
        missing = msgspec.convert(own.get("missing", ()), tuple[str, ...])
        found = msgspec.convert(table, Field)
    except msgspec.ValidationError as error:
        raise TrainingError(f"{path}: {where} is wrong ({error}){_types(error)}: correct it.") from error
    return TableColumn(
        field=found,
        name=texts["column"] or name,
        written=texts["written"],
        missing=missing,
        left_out=texts["left_out"],
    )


def _types(error: msgspec.ValidationError) -> str:
    return f", choose {' or '.join(get_args(FieldType))}" if "`$.type`" in str(error) else ""


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    """Yields a line for each key; a value of None has none."""
    for name, value in values.items():
        if value is not None:
            yield f"{name} = {_value(value)}"


def _value(value: Any) -> str:
    """Writes a value.

    Source: TOML 1.0.0; a basic string has the escapes of JSON, and must escape DEL too.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace(_DELETE, "\\u007f")
    return f"[{', '.join(map(_value, value))}]"
