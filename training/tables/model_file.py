"""Writer of a model file, training/models/NAME.py, for the table of a user to go on from."""

import pprint
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from bundle import Field
from training.errors import TrainingError
from training.tables.columns.table_column import TableColumn
from training.tables.table_preparation import Prepared

ROOT = Path(__file__).resolve().parents[2]
_WIDTH = 110
_DEFAULTS = {one.name: one.default for one in msgspec.structs.fields(Field) if not one.required}


def write_model_file(path: Path, prepared: Prepared, *, name: str) -> Path:
    """Writes the file; what it says is what was inferred.

    Raises:
        TrainingError: When there is such a file already.
        OSError: When it cannot be written.
    """
    if path.exists():
        raise TrainingError(f"{path} exists already: give another name, or remove it.")
    path.write_text("\n".join(_lines(prepared, name)) + "\n", encoding="utf-8")
    return path


def _lines(prepared: Prepared, name: str) -> Iterator[str]:
    own, target, recipe = prepared.table, prepared.table.target, prepared.recipe
    subject = _plain(target.name)
    yield f'"""Predicts {subject} by the other columns of a table; written by `make new MODEL={name}`."""'
    yield from ("", "from sklearn.pipeline import Pipeline", "", "from bundle import Columns, Field")
    yield "from training.data.data_options import SAMPLE"
    yield "from training.fit_plan import Plan"
    yield "from training.model import Model"
    yield "from training.tables.columns.table_column import TableColumn"
    yield "from training.tables.own_table import OwnTable"
    yield "from training.tables.choices.recipe import Recipe"
    yield "from training.tables.choices.splits import SplitChoice"
    yield "from training.tables.choices.target import TableTarget"
    yield from ("", "# What was found:")
    for sentence in prepared.notes:
        yield from _comment(sentence)
    yield from ("", "FIELDS = (")
    for column in own.used:
        yield f"    {_call('Field', _attributes(column.field), indent=4)},"
    yield ")"
    if target.labels:
        yield f"LABELS = {_literal(target.labels)}"
    yield from ("", "# The table: `--data` names another one with the same columns.")
    yield "TABLE = OwnTable("
    yield f"    source={_literal(_source(own.source))},"
    yield "    columns=("
    for position, column in enumerate(own.used):
        given = {"field": _Code(f"FIELDS[{position}]"), **_column(column)}
        yield f"        {_call('TableColumn', given, indent=8)},"
    yield "    ),"
    of_target = target.column.field
    plain = Field(name=of_target.name, type=of_target.type, example=of_target.example)
    field = _Code(_call("Field", _attributes(plain), indent=12))
    labels = {"labels": _Code("LABELS")} if target.labels else {}
    column_code = _Code(_call("TableColumn", {"field": field, **_column(target.column)}, indent=8))
    call = _call("TableTarget", {"column": column_code, "task": target.task, **labels}, indent=4)
    yield f"    target={call},"
    choice = {"kind": own.choice.kind, **({"column": own.choice.column} if own.choice.column else {})}
    yield f"    choice={_call('SplitChoice', choice, indent=4)},"
    yield ")"
    given = {
        "kind": recipe.kind,
        "parameters": dict(recipe.parameters),
        **({"dated": True} if recipe.dated else {}),
    }
    yield f"RECIPE = {_call('Recipe', given, indent=0)}"
    yield from _functions(prepared)


def _functions(prepared: Prepared) -> Iterator[str]:
    target, model = prepared.table.target, prepared.model
    classes = "len(LABELS)" if target.labels else "0"
    what = "Linear model" if prepared.recipe.kind == "linear" else "Gradient boosting"
    yield from ("", "", "def pipeline(columns: Columns, plan: Plan) -> Pipeline:")
    yield f'    """{what} on the fields; replace it by a pipeline of your own."""'
    yield "    del columns"
    yield f"    return RECIPE.pipeline(FIELDS, classes={classes}, seed=plan.seed)"
    yield from ("", "", "MODEL = Model(", f'    task="{target.task}",', "    fields=FIELDS,")
    if target.labels:
        yield "    labels=LABELS,"
    yield "    read=TABLE.read,"
    yield '    data=(SAMPLE, "path or URL of a CSV or Parquet file with the same columns"),'
    yield from ("    split=TABLE.split,", "    pipeline=pipeline,")
    if target.task == "binary":
        yield f"    missed_cost={model.missed_cost!r},"
    if model.libraries:
        yield f"    libraries={_literal(model.libraries)},"
    yield ")"


class _Code(str):
    """Text that is code already."""

    __slots__ = ()


def _call(name: str, given: Mapping[str, Any], *, indent: int) -> str:
    """Writes a call with keyword arguments, in one line where it fits, as the formatter does."""
    parts = [
        f"{key}={value if isinstance(value, _Code) else _literal(value)}" for key, value in given.items()
    ]
    line = f"{name}({', '.join(parts)})"
    if indent + len(line) + 1 <= _WIDTH and "\n" not in line:
        return line
    inner = " " * (indent + 4)
    return f"{name}(\n" + "".join(f"{inner}{part},\n" for part in parts) + " " * indent + ")"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        text = pprint.pformat(value, width=10**6)
        return text if '"' in value else f'"{text[1:-1]}"' if text[0] == "'" else text
    if isinstance(value, tuple):
        inside = ", ".join(_literal(one) for one in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(one)}" for key, one in value.items()) + "}"
    return repr(value)


def _attributes(field: Field) -> dict[str, Any]:
    return {
        key: value
        for key, value in msgspec.structs.asdict(field).items()
        if value != _DEFAULTS.get(key) and value is not msgspec.UNSET
    }


def _column(column: TableColumn) -> dict[str, Any]:
    own = {"name": column.name, "written": column.written, "missing": column.missing}
    return {key: value for key, value in own.items() if value}


def _comment(sentence: str) -> Iterator[str]:
    for number, line in enumerate(textwrap.wrap(sentence, _WIDTH - 4)):
        yield f"# {'-' if not number else ' '} {line}"


def _plain(text: str) -> str:
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


def _source(source: str) -> str:
    """Returns the path of the table from any folder: relative to the project if it lies there."""
    if "://" in source:
        return source
    path = Path(source).resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
