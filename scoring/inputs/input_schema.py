"""Own columns of all files together, as the output has them."""

from collections.abc import Iterable, Sequence

import pyarrow as pa

from scoring.errors import ScoringError


def own_schema(files: Iterable[tuple[str, pa.Schema]], answers: Sequence[str]) -> pa.Schema:
    """Returns the columns of all files: a file that lacks one has no value in it.

    Args:
        files: Name and columns of each file.
        answers: Names of the answers' columns.

    Raises:
        ScoringError: When a file has a column of another type than the files before it, or a
            column that the answers have too.
    """
    found = pa.schema([])
    for name, schema in files:
        try:
            found = pa.unify_schemas([found, schema], promote_options="permissive")
        except pa.ArrowException as error:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise ScoringError(
                f"{name} has a column of another type than the files before it ({reason}): score it on "
                "its own."
            ) from error
    taken = [one for one in answers if one in found.names]
    if taken:
        raise ScoringError(
            f"The input has already a column {taken[0]!r}, which the answers would have too: give the "
            "answers other names, such as with --prefix new_."
        )
    return found
