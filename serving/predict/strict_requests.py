"""Strict requests: a row with a warning is an invalid row."""

from collections.abc import Sequence

from bundle.texts.counted_noun import counted
from serving.predict.csv_response import Outcome
from serving.problem import Problem, RowError
from serving.rows.request_rows import FieldError, InvalidRow

_LISTED_WARNINGS = 100


def refuse_warned(outcomes: Sequence[Outcome], *, skip: bool) -> Sequence[Outcome]:
    """Returns the outcomes of a strict request; rows with warnings are invalid.

    Args:
        outcomes: One for each row of the request.
        skip: Whether an invalid row gets its warnings as errors, instead of a refusal of the request.

    Raises:
        Problem: 422 when a row has a warning and is not skipped.
    """
    if skip:
        return [_skipped(outcome) for outcome in outcomes]
    errors = [
        RowError(row=row, field=warning.field, rule=warning.sentence)
        for row, outcome in enumerate(outcomes)
        if not isinstance(outcome, InvalidRow)
        for warning in outcome.warnings or ()
    ]
    if not errors:
        return outcomes
    rows = len({error.row for error in errors})
    more = f"; the first {_LISTED_WARNINGS} are listed" if len(errors) > _LISTED_WARNINGS else ""
    found = counted(len(errors), "warning")
    detail = (
        f"The request has {found} in {rows:,} of its {len(outcomes):,} rows, and strict=true refuses "
        f"them{more}."
    )
    raise Problem(422, detail, errors=errors[:_LISTED_WARNINGS])


def _skipped(outcome: Outcome) -> Outcome:
    if isinstance(outcome, InvalidRow) or not outcome.warnings:
        return outcome
    return InvalidRow([FieldError(warning.field, warning.sentence) for warning in outcome.warnings])
