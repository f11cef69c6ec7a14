"""Fields of an imported model as people have corrected them in table.toml, beside the bundle."""

from collections.abc import Sequence
from pathlib import Path

from bundle import Field
from training.data.dataset import Dataset, check_row_rules, check_values
from training.errors import TrainingError
from training.tables.columns.table_column import TableColumn
from training.tables.columns.table_file import TableFile, read_table_file, write_table_file

FIELD_FILE = "table.toml"
_NUMBERS = frozenset({"number", "integer", "boolean"})


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
    fields = tuple(_checked(path, field, found[field.name].field) for field in inferred)
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
        columns = tuple(TableColumn(field=field, name=field.name) for field in fields)
        write_table_file(path, TableFile(columns=columns), title="Fields of an imported model.")


def _checked(path: Path, inferred: Field, corrected: Field) -> Field:
    both = {inferred.type, corrected.type}
    if not (both <= _NUMBERS or both == {"string"}):
        raise TrainingError(
            f"{path}: the field {inferred.name!r} is a {corrected.type}, and the model takes it as a "
            f"{inferred.type}: give it a type of the same kind."
        )
    if corrected.ignored:
        raise TrainingError(f"{path}: the field {inferred.name!r} is ignored, and the model takes it.")
    return corrected
