"""Break-even rate of realtime, billed by the hour, against a hosting billed by the request."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BreakEven:
    """Rate from which realtime is cheaper than another hosting.

    Attributes:
        requests_per_second: The rate; 0 when realtime is cheaper from the first request on.
        instances: Number of instances that serve this rate.
    """

    requests_per_second: float
    instances: int


@dataclass(frozen=True, kw_only=True)
class CostDifference:
    """Cost of realtime minus cost of another hosting, as a function of the request rate.

    Attributes:
        lead: Difference in dollars a month at the first request, with the minimum number of instances.
        saving: Decrease of the difference, in dollars a month, with each further request a second.
        min_instances: Number of instances at the first request.
        capacity: Requests a second that one instance serves.
        instance_month: Dollars a month of one instance.
    """

    lead: float
    saving: float
    min_instances: int
    capacity: float
    instance_month: float

    def break_even(self) -> BreakEven | None:
        """Returns the lowest rate at which realtime costs no more, or None when there is none.

        With a constant number of instances the difference is linear in the rate and lowest at full capacity,
        so its zero is at the first number of instances whose full capacity makes up for the lead.
        """
        if self.lead <= 0:
            return BreakEven(requests_per_second=0, instances=self.min_instances)
        added = self._instances_to_add()
        if added is None:
            return None
        instances = self.min_instances + added
        rate = (self.lead + added * self.instance_month) / self.saving
        # Limited to the capacity: a rounding error above it would need one more instance.
        return BreakEven(requests_per_second=min(rate, instances * self.capacity), instances=instances)

    def _instances_to_add(self) -> int | None:
        missing = self.lead - self.saving * self.min_instances * self.capacity
        if missing <= 0:
            return 0
        gained_by_each = self.saving * self.capacity - self.instance_month
        return math.ceil(missing / gained_by_each) if gained_by_each > 0 else None
