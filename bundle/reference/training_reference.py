"""Reference of a manifest: what training saw of each field and of the predictions."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from bundle.field import Field

# The most strings of a field that are listed; the others have one share together.
MOST_VALUES = 400


class Distribution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Values of one field, or predictions, as training saw them; shares are of the rows with a value.

    Attributes:
        missing: Share of all rows without a value.
        edges: Edges of a histogram, ascending: the first is the smallest value, the last the largest. A time
            is its minutes since midnight, a text its number of words.
        shares: Share of the values between each edge and the next.
        values: Shares of the commonest strings; of "true" and "false" for booleans; of labels.
        others: Share of all other strings together; 0 when `values` has every string.
        first: First day of a date, in ISO form.
        last: Its last day.
    """

    missing: float = 0.0
    edges: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    values: dict[str, float] = {}
    others: float = 0.0
    first: str = ""
    last: str = ""

    @property
    def is_empty(self) -> bool:
        """True when every row lacked a value."""
        return not (self.edges or self.values or self.others or self.first)

    @property
    def days(self) -> tuple[datetime.date, datetime.date]:
        """First and last day of a date."""
        return datetime.date.fromisoformat(self.first), datetime.date.fromisoformat(self.last)

    def is_whole(self) -> bool:
        """Returns true when the edges ascend around the shares, and the days are in their order."""
        try:
            ordered = not self.first or self.days == tuple(sorted(self.days))
        except ValueError:
            return False
        return (
            ordered
            and len(self.edges) == (len(self.shares) + 1 if self.shares else 0)
            and list(self.edges) == sorted(self.edges)
        )


class Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Statistics of the training rows: their fields, and the predictions of the test rows.

    Attributes:
        rows: Number of rows that the model learned from.
        fields: Values of each field that the model uses, by its name.
        predictions: Predictions of the test rows, by the suffix of the situation's metrics.
        typical: Typical value of each field, as in a request: the median, or the commonest string. A field is
            left out when the model was trained with gaps in it: not known is its typical value.
        together: Fields that mean something only together, by a title for people.
        noise: Median distance of a test row's probability from that of the same model fitted on the training
            rows only; null when the model was fitted once.
    """

    rows: int
    fields: dict[str, Distribution]
    predictions: dict[str, Distribution]
    typical: dict[str, str | float | bool] = {}
    together: dict[str, tuple[str, ...]] = {}
    noise: float | None = None

    def contradictions(self, fields: Sequence[Field]) -> Iterator[str]:
        """Yields, as the end of a sentence, what does not fit the fields of the manifest."""
        names = {field.name for field in fields if not field.ignored}
        joined = [name for group in self.together.values() for name in group]
        if self.fields.keys() != names:
            yield "has a reference with other fields than the model's"
        if not {*self.typical, *joined} <= names or len({*joined}) != len(joined):
            yield "has a reference whose typical values or groups have other fields, or one field twice"
        if not all(found.is_whole() for found in (*self.fields.values(), *self.predictions.values())):
            yield "has a reference whose edges, shares or days contradict each other"


def typical_row(reference: Reference) -> Mapping[str, Any]:
    """Returns the typical value of each field as it is decoded from a request, without fields not known."""
    typical: Mapping[str, Any] = reference.typical
    return {
        name: datetime.date.fromisoformat(value) if reference.fields[name].first else value
        for name, value in typical.items()
    }
