"""Dollars a month of each hosting, as functions of the rate of requests."""

import math

from stacks.costs.assumptions import PAID_BY_TIME
from stacks.costs.break_even import BreakEven, Race
from stacks.costs.charges import Charges
from stacks.costs.price_table import PriceTable
from stacks.costs.sizing import CostSettings


class Monthly:
    """What the settings cost in a month, in each hosting.

    Raises:
        PriceError: When the table has no price for the instance type.
    """

    def __init__(self, settings: CostSettings, table: PriceTable) -> None:
        self._settings = settings
        self._charges = Charges(settings, table)

    @property
    def memory_mb(self) -> float:
        """Of serverless and lambda, in force or compared with."""
        return self._charges.memory_mb

    def instances(self, rate: float) -> int:
        """How many instances of realtime serve `rate` requests a second; never fewer than are set."""
        return max(self._settings.instance_count, math.ceil(rate / self._charges.instance_capacity))

    def components(self, hosting: str, rate: float) -> dict[str, float]:
        """Dollars a month by component."""
        charges = self._charges.of(hosting, instances=self.instances(rate))
        return {charge.component: charge.dollars(rate) for charge in charges}

    def total(self, hosting: str, rate: float) -> float:
        """Dollars a month."""
        return sum(self.components(hosting, rate).values())

    def break_even(self, hosting: str) -> BreakEven | None:
        """The lowest rate from which realtime costs no more than `hosting`, or None when there is none."""
        one, two = (self._excess(hosting, rate) for rate in (1, 2))
        return Race(
            lead=2 * one - two,
            saving=one - two,
            fewest=self._settings.instance_count,
            capacity=self._charges.instance_capacity,
            instance_month=self._charges.instance_month,
        ).break_even()

    def shortages(self, rate: float) -> list[str]:
        """What the settings do not allow, though `rate` requests a second would need it."""
        wanted = self.instances(rate)
        most = self._settings.max_instance_count
        found = []
        if wanted > most:
            found.append(f"realtime needs {wanted} instances, and max_instance_count is {most}")
        concurrency = self._settings.max_concurrency
        if concurrency is not None:
            found += [
                f"{hosting} needs {busy} at once, and max_concurrency is {concurrency}"
                for hosting in PAID_BY_TIME
                if (busy := self._charges.busy_at_once(hosting, rate)) > concurrency
            ]
        return found

    def _excess(self, hosting: str, rate: float) -> float:
        fewest = self._settings.instance_count
        mine, other = (
            sum(charge.dollars(rate) for charge in self._charges.of(name, instances=fewest))
            for name in ("realtime", hosting)
        )
        return mine - other
