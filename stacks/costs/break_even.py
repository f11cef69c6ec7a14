"""Where a hosting paid by the hour costs no more than one paid by the request."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BreakEven:
    """Where realtime becomes cheaper than another hosting.

    Attributes:
        requests_per_second: The rate; 0 when realtime is cheaper from the first request on.
        instances: How many instances serve that.
    """

    requests_per_second: float
    instances: int


@dataclass(frozen=True, kw_only=True)
class Race:
    """Two costs as functions of the rate of requests, by what realtime costs more than the other hosting.

    Attributes:
        lead: Dollars a month it costs more at the first request, with the fewest instances.
        saving: Dollars a month it gains on the other with each further request a second.
        fewest: Its instances at the first request.
        capacity: Requests a second one instance serves; then another is added.
        instance_month: Dollars a month each of them costs.
    """

    lead: float
    saving: float
    fewest: int
    capacity: float
    instance_month: float

    def break_even(self) -> BreakEven | None:
        """The lowest rate from which realtime costs no more, or None when it never catches up.

        Between two additions both costs are straight lines, and it gains most while its instances are full:
        so the lines cross at the first number of instances that, when full, have made up for the lead.
        """
        if self.lead <= 0:
            return BreakEven(requests_per_second=0, instances=self.fewest)
        added = self._instances_to_add()
        if added is None:
            return None
        instances = self.fewest + added
        rate = (self.lead + added * self.instance_month) / self.saving
        # A rounding error above what the instances serve would be a rate that needs one more.
        return BreakEven(requests_per_second=min(rate, instances * self.capacity), instances=instances)

    def _instances_to_add(self) -> int | None:
        missing = self.lead - self.saving * self.fewest * self.capacity
        if missing <= 0:
            return 0
        gained_by_each = self.saving * self.capacity - self.instance_month
        return math.ceil(missing / gained_by_each) if gained_by_each > 0 else None
