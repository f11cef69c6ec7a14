"""Outcome of one fault, and the table of all outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from benchmarks.figures.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.faults.clients import Load

HEADING = ("fault", "requests", "lost", "recovery", "what the client saw")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table of faults.

    Attributes:
        requests: Number of requests of the regular clients during the measurement.
        lost: Number of these requests without a response.
        seconds: Seconds from the fault to the end of the recovery.
        until: Description of the end of the recovery.
        seen: Description of the responses that clients got.
    """

    requests: int
    lost: int
    seconds: float
    until: str
    seen: str

    @classmethod
    def of(cls, load: Load, *, seconds: float, until: str, seen: str = "") -> Outcome:
        """Returns the outcome for the clients of a load.

        Args:
            load: The clients, which must have ended.
            seconds: See the attribute.
            until: See the attribute.
            seen: Further observations, which follow the counts of the responses.
        """
        parts = [*(f"{count:,} times {status}" for status, count in sorted(load.statuses.items()))]
        parts += [f"slowest after {load.slowest:.2f} s"] if load.statuses else []
        parts += ["refused to connect at its end"] if load.refused else []
        return cls(
            requests=load.statuses.total() + len(load.lost),
            lost=len(load.lost),
            seconds=seconds,
            until=until,
            seen="; ".join([*parts, *([seen] if seen else [])]),
        )


def markdown(outcomes: Mapping[str, Outcome]) -> str:
    """Returns the outcomes as a Markdown table."""
    rows = [
        (name, f"{found.requests:,}", f"{found.lost:,}", f"{found.seconds:.2f} s: {found.until}", found.seen)
        for name, found in outcomes.items()
    ]
    return table([HEADING, *rows])
