"""Own columns of all files together, as the output has them."""

from collections.abc import Sequence

import pyarrow as pa

from scoring.errors import ScoringError
from scoring.inputs.open_input import InputOpener
from training.flights.sources.source import SourceFile


def own_schema(files: Sequence[SourceFile], opener: InputOpener, answers: Sequence[str]) -> pa.Schema:
    """Returns the columns of all files: a file that lacks one has no value in it.

    Args:
        files: The files.
        opener: Opens them.
        answers: Names of the answers' columns.

    Raises:
        ScoringError: When a file cannot be read, has a column of another type than the files before it, or a
            column that the answers have too.
    """
    found = pa.schema([])
    for file in files:
        rows, _ = opener.open(file)
        try:
            found = pa.unify_schemas([found, rows.schema], promote_options="permissive")
        except pa.ArrowException as error:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise ScoringError(
                f"{file.name} has a column of another type than the files before it ({reason}): score it on "
                "its own."
            ) from error
    taken = [name for name in answers if name in found.names]
    if taken:
        raise ScoringError(
            f"The input has already a column {taken[0]!r}, which the answers would have too: give the "
            "answers other names, such as with --prefix new_."
        )
    return found
