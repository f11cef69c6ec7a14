"""The whole output: the rows of all parts, and the errors beside them, each replaced atomically."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv

from scoring.outputs.finished_parts import Parts
from scoring.outputs.output_format import OutputFormat


def refused_path(out: Path) -> Path:
    """Returns the path of the errors of an output's rows."""
    return out.with_name(f"{out.stem}.refused.csv")


def write_whole(
    out: Path,
    parts: Parts,
    count: int,
    *,
    format_: OutputFormat,
    schema: pa.Schema,
    errors: pa.Schema,
    metadata: Mapping[str, str],
) -> bool:
    """Writes the output from its parts, and the file of refused rows if there are some.

    A file of refused rows that an earlier run has left is removed.

    Returns:
        Whether there are refused rows.
    """
    refused = refused_path(out)
    found = parts.errors(count)
    if found:
        with _replaced(refused) as file:
            pa_csv.write_csv(errors.empty_table(), file)
            for path in found:
                with path.open("rb") as part:
                    shutil.copyfileobj(part, file)
    with _replaced(out) as file:
        format_.join(file, parts.rows(count), schema, metadata)
    if not found:
        refused.unlink(missing_ok=True)
    return bool(found)


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """Opens a new file, which takes the place of the one at `path` when it is complete and on the disk.

    A link stays one, and its target is replaced.
    """
    path = path.resolve()
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
