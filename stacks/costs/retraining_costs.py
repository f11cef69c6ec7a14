"""Costs of retrainings: of one run, and of a month."""

import re
from collections.abc import Mapping

from stacks.costs.cost_settings import CostSettings
from stacks.costs.price_table import PriceTable
from stacks.settings.retraining.parsers import schedule_of

_MINUTES_PER_HOUR = 60
_MILLION = 1_000_000
_DAYS_PER_MONTH, _DAYS_PER_WEEK, _MONTHS = 365 / 12, 7, 12
# States of a run that is released, with the choices between them.
_TRANSITIONS = 24
# One call of each function, and those while the stack is updated; half a minute each at 256 MB.
_CALLS, _CALL_GB_SECONDS = 12, 30 * 0.25
_EVERY = ("*", "?")


class RetrainingCosts:
    """Costs of retrainings at the prices of SageMaker's instances on demand; a spot instance costs less.

    Args:
        settings: The settings.
        table: Prices and assumptions.
    """

    def __init__(self, settings: CostSettings, table: PriceTable) -> None:
        self._settings = settings
        self._table = table

    @property
    def run(self) -> Mapping[str, float]:
        """Dollars of one run by component.

        Raises:
            PriceError: When the table has no price for the instance type of the jobs.
        """
        prices, assumed = self._table.prices, self._table.assumptions
        hours = (assumed.training_minutes + assumed.judging_minutes) / _MINUTES_PER_HOUR
        calls = _CALLS * (
            _CALL_GB_SECONDS * prices.lambda_arm.price + prices.lambda_requests.price / _MILLION
        )
        return {
            "SageMaker jobs": hours * self._table.instance(self._settings.training_instance_type).price,
            "Lambda": calls,
            "Step Functions": _TRANSITIONS * prices.state_transitions.price / _MILLION,
        }

    @property
    def runs_per_month(self) -> float:
        """Runs a month: those of the schedule, or as assumed."""
        schedule = schedule_of(self._settings.retrain)
        return _runs(schedule) if schedule else self._table.assumptions.retrainings

    @property
    def month(self) -> float:
        """Dollars a month, with the storage of the training image."""
        stored = self._table.assumptions.training_image_gigabytes * self._table.prices.image_storage.price
        return self.runs_per_month * sum(self.run.values()) + stored


def _runs(schedule: str) -> float:
    """Returns how often a schedule starts in a month, on average."""
    minute, hour, day, month, weekday, _ = schedule.removeprefix("cron(").removesuffix(")").split()
    days = (
        _DAYS_PER_MONTH * _count(weekday, _DAYS_PER_WEEK) / _DAYS_PER_WEEK
        if weekday not in _EVERY
        else _count(day, _DAYS_PER_MONTH)
    )
    return days * _count(minute, 60) * _count(hour, 24) * _count(month, _MONTHS) / _MONTHS


def _count(field: str, every: float) -> float:
    """Returns how many values a field of a schedule has, of all that it could have."""
    if field in _EVERY:
        return every
    return sum(_count_part(part, every) for part in field.split(","))


def _count_part(part: str, every: float) -> float:
    values, _, step = part.partition("/")
    bounds = re.fullmatch(r"(\d+)-(\d+)", values)
    if bounds:
        found: float = int(bounds[2]) - int(bounds[1]) + 1
    else:
        # MON-FRI, such as in most schedules of weekdays.
        found = _DAYS_PER_WEEK - 2 if "-" in values else (every if values in _EVERY or step else 1)
    return found / int(step) if step else found
