"""The slow way: which rows of a request the model takes, and all that is wrong with the others."""

from collections.abc import Mapping, Sequence

from bundle import Field
from serving.problem import Problem, RowError
from serving.rows.rows import Row, Rows, WrongRow, columns_of
from serving.rows.rules import Instance, Misfit, Rules, Sentences

_LISTED_ERRORS = 100
_LISTED_ERRORS_OF_A_ROW = 20

_Wrong = Mapping[int, Sequence[str]]


class Triage:
    """Sorts the rows of requests that could not be decoded in one step."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self._names = [field.name for field in fields]
        self._rules = Rules(fields)

    def sort(self, instances: Sequence[Instance | Misfit], *, skip: bool, also: Sequence[str] = ()) -> Rows:
        """The rows that the model takes.

        Args:
            instances: All rows of the request.
            skip: Whether wrong rows are left out and not refused.
            also: Names that are no fields but that a client may have meant.

        Raises:
            Problem: 422 when rows are wrong, naming row, field and rule.
        """
        rows: list[Row] = []
        wrong: dict[int, Sequence[str]] = {}
        for place, instance in enumerate(instances):
            row = self._rules.row(instance)
            if row is None:
                wrong[place] = self._rules.broken(instance)
            else:
                rows.append(row)
        sentences = Sentences(self._fields, also=also)
        if wrong and not skip:
            raise _refusal(instances, wrong, sentences)
        skipped = {place: _wrong_row(instances[place], names, sentences) for place, names in wrong.items()}
        return Rows(columns_of(self._names, rows), len(rows), skipped)


def _wrong_row(instance: Instance | Misfit, names: Sequence[str], sentences: Sentences) -> WrongRow:
    listed = names[:_LISTED_ERRORS_OF_A_ROW]
    return WrongRow([sentences.fault(instance, name) for name in listed], len(names) - len(listed))


def _refusal(instances: Sequence[Instance | Misfit], wrong: _Wrong, sentences: Sentences) -> Problem:
    places = [(place, name) for place, names in wrong.items() for name in names]
    listed = []
    for place, name in places[:_LISTED_ERRORS]:
        fault = sentences.fault(instances[place], name)
        listed.append(RowError(row=place, field=fault.field, rule=fault.rule))
    more = f"; the first {_LISTED_ERRORS} are listed" if len(places) > _LISTED_ERRORS else ""
    detail = f"The request has {len(places)} errors in {len(wrong)} of its {len(instances)} rows{more}."
    return Problem(422, detail, errors=listed)
