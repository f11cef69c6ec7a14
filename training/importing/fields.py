"""Fields of an imported model: from its inputs and the sample, and as people correct them in table.toml."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from msgspec import UNSET
from msgspec.structs import replace
from numpy.typing import NDArray

from bundle import Field, WordRule, splitter
from bundle.field import UNUSABLE_IN_NAMES
from training.data.dataset import Dataset, check_row_rules, check_values
from training.errors import TrainingError
from training.export.boosters.category_table import category_text
from training.importing.graphs.foreign_graph import InputKind
from training.importing.sample import Sample
from training.tables.columns.fields_file import TableFile, read_table_file, write_table_file
from training.tables.columns.table_column import TableColumn
from training.tables.corrections.field_problems import imported_field_problem

# Characters of a string that a field allows without saying so, and at most.
_SHORT, _LONG = 256, 20_000
_EXACT_FLOAT32 = 2**24
_NUMBERS = frozenset({"number", "integer", "boolean"})


def sample_fields(
    sample: Sample,
    kinds: Mapping[str, InputKind],
    known: Mapping[str, Sequence[Any]],
    texts: Mapping[str, WordRule],
) -> tuple[tuple[Field, ...], Dataset]:
    """Makes the fields of a request from the kinds that the model takes and the sample's values.

    A field is optional where the sample has rows without a value. `known` has the only values of columns
    whose encoder refuses others: strings are allowed values, numbers a range. `texts` has the columns of
    texts, and how their words are found; an empty one is absent.

    Returns:
        The fields, and the rows under their names; the target is not read.
    """
    values = {name: sample.values(name, kind) for name, kind in kinds.items()}
    for name in texts.keys() & values.keys():
        values[name][[not text.strip() for text in values[name]]] = None
    fields = tuple(
        _within(_field(sample, name, kind, values[name], texts.get(name)), known.get(name, ()))
        for name, kind in kinds.items()
    )
    rows = Dataset(name=sample.name, columns=values, target=np.zeros(len(sample)))
    return fields, rows


def graph_columns(fields: Sequence[Field], rows: Dataset) -> dict[str, NDArray[Any]]:
    """Returns the columns of rows as an imported graph takes them: texts as their words."""
    found = dict(rows.columns)
    for field in fields:
        if field.type == "text":
            join = splitter(field.words)
            found[field.name] = np.array([join(text or "") for text in found[field.name]], dtype=object)
    return found


def _field(sample: Sample, name: str, kind: InputKind, values: NDArray[Any], words: WordRule | None) -> Field:
    if UNUSABLE_IN_NAMES.search(name):
        usable = UNUSABLE_IN_NAMES.sub("_", name)
        raise TrainingError(
            f"The column {name!r} of {sample.name} has a quotation mark, a backslash or a control character "
            f"in its name, which no field may have: rename it in the sample to {usable!r}; it is found "
            "whatever its punctuation."
        )
    absent = np.asarray(pd.isna(values))
    if absent.all():
        raise TrainingError(
            f"The column {name!r} of {sample.name} has no value in any row: give a sample with values in it."
        )
    first = values[int(np.argmin(absent))]
    about: dict[str, Any] = {
        "name": name,
        "required": not absent.any(),
        "description": f"The model's column {name}.",
    }
    if kind == "string":
        longest = max(len(text) for text in values[~absent])
        if longest > _LONG:
            raise TrainingError(
                f"The column {name!r} of {sample.name} has a text of {longest:,} characters, and a request "
                f"has at most {_LONG:,}: leave out such rows."
            )
        if words:
            return Field(**about, type="text", example=first, words=words)
        return Field(**about, type="string", max_length=_LONG if longest > _SHORT else None, example=first)
    if kind == "boolean" or sample.typed[name].dtype.kind == "b":
        return Field(**about, type="boolean", example=bool(first))
    if kind == "integer":
        return Field(**about, type="integer", example=int(first))
    example = int(first) if float(first).is_integer() and abs(first) < _EXACT_FLOAT32 else float(first)
    return Field(**about, type="number", example=example)


def _within(field: Field, known: Sequence[Any]) -> Field:
    if known and field.type == "string":
        return replace(field, values=tuple(sorted(map(category_text, known))), max_length=None)
    if known and field.is_number:
        return replace(field, minimum=float(min(known)), maximum=float(max(known)))
    return field


def corrected_fields(path: Path, inferred: Sequence[Field], rows: Dataset) -> tuple[Field, ...]:
    """Returns the fields of the file, or the inferred ones when there is no file.

    Args:
        path: The file.
        inferred: The fields that follow from the model's inputs and the sample.
        rows: The sample rows, which must keep the rules of the file.

    Raises:
        TrainingError: When the file has not exactly the model's fields, or one of another type, or the sample
            breaks a rule.
    """
    if not path.exists():
        for field in inferred:
            check_values(field, rows.columns[field.name])
        return tuple(inferred)
    found = {column.field.name: column for column in read_table_file(path).columns if not column.left_out}
    names = [field.name for field in inferred]
    for name in [*names, *found]:
        if name not in found or name not in names:
            wrong = "lacks the field" if name in names else "has the field"
            taken = "takes" if name in names else "does not take"
            raise TrainingError(
                f"{path} {wrong} {name!r}, which the model {taken}: correct it, or remove the file and the "
                "fields are inferred again."
            )
    fields = tuple(_checked(path, field, found[field.name]) for field in inferred)
    for field in fields:
        check_values(field, rows.columns[field.name])
    check_row_rules(fields, rows.columns)
    return fields


def write_fields(path: Path, fields: Sequence[Field]) -> None:
    """Writes the file, unless there is one.

    Raises:
        OSError: When it cannot be written.
    """
    if not path.exists():
        # The rule of a text's words is the model's, and not to be corrected.
        plain = [replace(field, words=UNSET) for field in fields]
        columns = tuple(TableColumn(field=field, name=field.name) for field in plain)
        write_table_file(path, TableFile(columns=columns), title="Fields of an imported model.")


def _checked(path: Path, inferred: Field, column: TableColumn) -> Field:
    corrected = column.field
    both = {inferred.type, corrected.type}
    if not (both <= _NUMBERS or len(both) == 1):
        raise TrainingError(
            f"{path}: the field {inferred.name!r} is a {corrected.type}, and the model takes it as a "
            f"{inferred.type}: give it a type of the same kind."
        )
    if problem := imported_field_problem(column):
        raise TrainingError(f"{path}: the field {inferred.name!r} is wrong ({problem}): correct it.")
    if corrected.ignored:
        raise TrainingError(f"{path}: the field {inferred.name!r} is ignored, and the model takes it.")
    return replace(corrected, words=inferred.words)
