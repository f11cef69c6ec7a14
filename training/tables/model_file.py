"""Writer of a model file, training/models/NAME.py, for the table of a user to go on from."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bundle import Field
from training.errors import TrainingError
from training.tables.columns.fields_file import stated_attributes
from training.tables.columns.table_column import TableColumn
from training.tables.own_table import OwnTable
from training.tables.python_code import CODE_WIDTH, CallCode, Code, assignment, is_too_long, python_code
from training.tables.table_preparation import Prepared

ROOT = Path(__file__).resolve().parents[2]
_WIDEST_SUBJECT = 40
_IMPORTS = """
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.data.data_options import SAMPLE
from training.fit_plan import Plan
from training.model import Model
from training.tables.choices.recipe import Recipe
from training.tables.choices.splits import SplitChoice
from training.tables.choices.target import TableTarget
from training.tables.columns.table_column import TableColumn
from training.tables.own_table import OwnTable"""
# Names and texts of a table cannot be broken.
_LONG_LINES = "# ruff: noqa: E501"


def write_model_file(path: Path, prepared: Prepared, *, name: str) -> Path:
    """Writes the file; what it says is what was inferred.

    Raises:
        TrainingError: When there is such a file already.
        OSError: When it cannot be written.
    """
    if path.exists():
        raise TrainingError(f"{path} exists already: give another name, or remove it.")
    text = "\n".join(_lines(prepared, name)) + "\n"
    if any(is_too_long(line) for line in text.splitlines()):
        text = text.replace("\n\n", f"\n\n{_LONG_LINES}\n\n", 1)
    path.write_text(text, encoding="utf-8")
    return path


def _lines(prepared: Prepared, name: str) -> Iterator[str]:
    own, target, recipe = prepared.table, prepared.table.target, prepared.recipe
    subject = textwrap.shorten(_plain(target.name), _WIDEST_SUBJECT, placeholder="...") or "a column"
    yield f'"""Predicts {subject} by the other columns of a table; written by `make new MODEL={name}`."""'
    yield _IMPORTS
    yield from ("", "# What was found:")
    for sentence in prepared.notes:
        yield from _comment(sentence)
    yield ""
    yield assignment(
        "FIELDS", tuple(CallCode(name="Field", given=stated_attributes(one.field)) for one in own.used)
    )
    if target.labels:
        yield assignment("LABELS", target.labels)
    yield from ("", "# The table: `--data` names another one with the same columns.")
    yield assignment("TABLE", _table(own))
    dated = {"dated": True} if recipe.dated else {}
    given = {"kind": recipe.kind, "parameters": dict(recipe.parameters), **dated}
    yield assignment("RECIPE", CallCode(name="Recipe", given=given))
    yield from _functions(prepared)


def _table(own: OwnTable) -> CallCode:
    columns = tuple(
        CallCode(name="TableColumn", given={"field": Code(f"FIELDS[{position}]"), **_column(column)})
        for position, column in enumerate(own.used)
    )
    target, field = own.target, own.target.column.field
    plain = Field(name=field.name, type=field.type, example=field.example)
    of_target = {"field": CallCode(name="Field", given=stated_attributes(plain)), **_column(target.column)}
    labels = {"labels": Code("LABELS")} if target.labels else {}
    column = {"column": CallCode(name="TableColumn", given=of_target), "task": target.task, **labels}
    by = {"column": own.choice.column} if own.choice.column else {}
    return CallCode(
        name="OwnTable",
        given={
            "source": _source(own.source),
            "columns": columns,
            "target": CallCode(name="TableTarget", given=column),
            "choice": CallCode(name="SplitChoice", given={"kind": own.choice.kind, **by}),
        },
    )


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
        yield f"    libraries={python_code(model.libraries)},"
    yield ")"


def _column(column: TableColumn) -> dict[str, Any]:
    own = {"name": column.name, "written": column.written, "missing": column.missing}
    return {key: value for key, value in own.items() if value}


def _comment(sentence: str) -> Iterator[str]:
    for number, line in enumerate(textwrap.wrap(sentence, CODE_WIDTH - 4)):
        yield f"# {'-' if not number else ' '} {line}"


def _plain(text: str) -> str:
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


def _source(source: str) -> str:
    """Returns the path of the table from any folder: relative to the project if it lies there."""
    if "://" in source:
        return source
    path = Path(source).resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
