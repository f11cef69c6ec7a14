"""Monthly costs of each hosting as functions of the request rate."""

import math
from collections.abc import Iterator

from stacks.costs.assumptions import BILLED_BY_DURATION
from stacks.costs.break_even import BreakEven, CostDifference
from stacks.costs.charges import SECONDS_PER_MONTH, Charges
from stacks.costs.cost_settings import CostSettings
from stacks.costs.price_table import PriceTable
from stacks.costs.retraining_costs import RetrainingCosts


class MonthlyCosts:
    """Monthly costs of the settings in each hosting.

    Raises:
        PriceError: When the table has no price for the instance type.
    """

    def __init__(self, settings: CostSettings, table: PriceTable) -> None:
        self._settings = settings
        self._charges = Charges(settings, table)

    @property
    def retraining(self) -> RetrainingCosts:
        """Costs of retrainings; none in a stack that is not retrained."""
        return self._charges.retraining

    @property
    def memory_mb(self) -> float:
        """Memory of serverless and lambda: the setting, or the assumption."""
        return self._charges.memory_mb

    @property
    def idle_endpoint(self) -> float:
        """Dollars a month of a realtime endpoint that nobody asks."""
        return self._charges.idle_endpoint(instances=self._settings.instance_count)

    def instances(self, rate: float) -> int:
        """Returns the number of realtime instances for `rate` requests a second, instance_count at least."""
        return max(self._settings.instance_count, math.ceil(rate / self._charges.instance_capacity))

    def components(self, hosting: str, rate: float) -> dict[str, float]:
        """Returns dollars a month by component."""
        charges = self._charges.of(hosting, instances=self.instances(rate))
        return {charge.component: charge.dollars(rate) for charge in charges}

    def total(self, hosting: str, rate: float) -> float:
        """Returns dollars a month."""
        return sum(self.components(hosting, rate).values())

    def break_even(self, hosting: str) -> BreakEven | None:
        """Returns the lowest rate at which realtime costs no more than `hosting`, or None without one."""
        one, two = (self._excess(hosting, rate) for rate in (1, 2))
        return CostDifference(
            lead=2 * one - two,
            saving=one - two,
            min_instances=self._settings.instance_count,
            capacity=self._charges.instance_capacity,
            instance_month=self._charges.instance_month,
        ).break_even()

    def shortages(self, rate: float) -> list[str]:
        """Returns a clause for each setting whose limit is too low for `rate` requests a second."""
        wanted = self.instances(rate)
        most = self._settings.max_instance_count
        found = list(self._refusals(rate))
        if wanted > most:
            found.append(f"realtime needs {wanted} instances, and max_instance_count is {most}")
        concurrency = self._settings.max_concurrency
        if concurrency is not None:
            found += [
                f"{hosting} needs a concurrency of {busy}, and max_concurrency is {concurrency}"
                for hosting in BILLED_BY_DURATION
                if (busy := self._charges.busy_at_once(hosting, rate)) > concurrency
            ]
        return found

    def _refusals(self, rate: float) -> Iterator[str]:
        if rate > self._settings.rate_limit:
            yield f"the API refuses some, because rate_limit is {self._settings.rate_limit}"
        quota, monthly = self._settings.monthly_quota, rate * SECONDS_PER_MONTH
        if quota is not None and monthly > quota:
            yield f"there are {monthly:,.0f} a month, and monthly_quota is {quota:,}"

    def _excess(self, hosting: str, rate: float) -> float:
        min_instances = self._settings.instance_count
        mine, other = (
            sum(charge.dollars(rate) for charge in self._charges.of(name, instances=min_instances))
            for name in ("realtime", hosting)
        )
        return mine - other
