"""Interval of a regression: the values in which the true one lies with a stated probability."""

import msgspec


class Interval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Half of an interval's width, by split conformal prediction on the test rows.

    Attributes:
        level: Share of new rows whose value the interval contains, if they are like the test rows.
        half_width: Distance of both ends from the predicted value.
        coverage: Measured share of the test rows: of each half, with the width that the other half gave.
    """

    level: float
    half_width: float
    coverage: float

    def ends(self, value: float) -> tuple[float, float]:
        """Returns the lower and the upper end of the interval of a predicted value."""
        return value - self.half_width, value + self.half_width
