"""Clock of the alarms: evaluates each metric alarm at its interval, whether data arrives or not.

Intervals and periods are divided by the speed: at speed 60 an alarm with a period of 60 seconds is evaluated
every second, on datapoints of one second. Timestamps are those of this machine's clock.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable

from ministack.services import cloudwatch

from local.cloudwatch.alarms.datapoints import evaluation_range
from local.cloudwatch.alarms.evaluation import evaluate
from local.cloudwatch.alarms.metric_alarm import AlarmRecord, MetricAlarm
from local.cloudwatch.alarms.state_change import change_state
from local.cloudwatch.alarms.state_reason import state_reason, state_reason_data

logger = logging.getLogger(__name__)

# Interval of high-resolution alarms, the shortest.
_TICK_SECONDS = 10.0
# The shortest pause between two ticks, however fast time runs.
_SHORTEST_PAUSE_SECONDS = 0.05


class AlarmClock:
    """Evaluates MiniStack's metric alarms.

    Args:
        speed: Seconds of AWS in one second here.
        clock: Returns seconds since 1970.
        react: Called after each evaluation, for what follows from the states of alarms.
    """

    def __init__(
        self,
        *,
        speed: float,
        clock: Callable[[], float] = time.time,
        react: Callable[[], None] = lambda: None,
    ) -> None:
        self._speed = speed
        self._react = react
        self._clock = clock
        # Number of the last evaluated interval of each alarm, by name.
        self._evaluated: dict[str, int] = {}

    async def run(self) -> None:
        """Ticks until it is cancelled."""
        tick = _TICK_SECONDS / self._speed
        while True:
            await asyncio.sleep(max(tick - self._clock() % tick, _SHORTEST_PAUSE_SECONDS))
            self.tick()

    def tick(self) -> None:
        """Evaluates the alarms whose interval has ended since the last tick."""
        now = self._clock()
        records: list[AlarmRecord] = cloudwatch._alarms.values()
        names = {record["AlarmName"] for record in records}
        self._evaluated = {name: number for name, number in self._evaluated.items() if name in names}
        for record in records:
            try:
                self._evaluate_if_due(record, now)
            except Exception:
                # The other alarms must go on.
                logger.exception("Alarm %s cannot be evaluated.", record["AlarmName"])
        self._react()

    def _evaluate_if_due(self, record: AlarmRecord, now: float) -> None:
        alarm = MetricAlarm.from_record(record)
        interval = alarm.interval / self._speed
        number = math.floor(now / interval)
        if self._evaluated.get(record["AlarmName"]) == number:
            return
        self._evaluated[record["AlarmName"]] = number
        datapoints = evaluation_range(alarm, end=number * interval, speed=self._speed)
        evaluation = evaluate(alarm, datapoints)
        if evaluation.state not in (None, record["StateValue"]):
            change_state(
                record,
                str(evaluation.state),
                reason=state_reason(alarm, evaluation),
                data=state_reason_data(alarm, evaluation, datapoints, now=now),
                now=now,
            )
