"""What was answered: counted for /metrics, and told to the log."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from serving.log import tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.exchange import Exchange
    from serving.http.metrics import Metrics
    from serving.workers.protocol import Answer


class Journal:
    """Counts every answer, and logs every failure and a sample of the rest."""

    def __init__(self, metrics: Metrics, *, sample: float, clock: Callable[[], float]) -> None:
        self._metrics = metrics
        self._sample = sample
        self._clock = clock

    def record(self, exchange: Exchange, answer: Answer) -> None:
        """Notes the answer that a request gets now."""
        seconds = self._clock() - exchange.arrived
        route = exchange.route.name if exchange.route else "none"
        self._metrics.count(route, answer.status, seconds, answer.rows)
        failed = answer.status >= 500
        # Every change of what /ping says is a line of its own already.
        if (failed and route != "ping") or random.random() < self._sample:  # noqa: S311
            tell(
                "warning" if failed else "info",
                "request",
                route=route,
                status=answer.status,
                milliseconds=round(seconds * 1000, 3),
                rows=answer.rows,
                request_bytes=len(exchange.body),
                response_bytes=len(answer.body),
            )
