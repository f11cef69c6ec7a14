"""File of refused rows, beside the output: number, field and error of each row that cannot be answered."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from scoring.outputs.finished_parts import Parts
from scoring.outputs.replaced_file import replaced_file

# Added to the whole name: scored.csv and scored.parquet are two outputs.
REFUSED_ENDING = ".refused.csv"


def refused_path(out: Path) -> Path:
    """Returns the path of the file of refused rows of an output, which no other output has."""
    return out.with_name(f"{out.name}{REFUSED_ENDING}")


def write_refused_rows(out: Path, parts: Parts, count: int, errors: pa.Schema) -> bool:
    """Writes the file of refused rows, replaced atomically, if there are some.

    Args:
        out: The output.
        parts: The finished parts of the output.
        count: How many parts the output has.
        errors: The columns of the file.

    Returns:
        Whether there are refused rows.
    """
    found = parts.errors(count)
    if found:
        with replaced_file(refused_path(out)) as file:
            pa_csv.write_csv(errors.empty_table(), file)
            for path in found:
                with path.open("rb") as part:
                    shutil.copyfileobj(part, file)
    return bool(found)
