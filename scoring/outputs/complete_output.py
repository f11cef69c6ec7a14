"""The whole output: the rows of all parts in one file, which is replaced atomically."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from scoring.outputs.finished_parts import Parts
from scoring.outputs.output_format import OutputFormat
from scoring.outputs.refused_rows import refused_path, write_refused_rows
from scoring.outputs.replaced_file import replaced_file


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
    has_refused = write_refused_rows(out, parts, count, errors)
    with replaced_file(out) as file:
        format_.join(file, parts.rows(count), schema, metadata)
    if not has_refused:
        refused_path(out).unlink(missing_ok=True)
    return has_refused
