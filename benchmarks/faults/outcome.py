"""Outcome of one fault, and the table of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from benchmarks.figures.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.faults.clients import Load

HEADING = ("fault", "requests", "lost", "recovery", "what the client saw")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the matrix.

    Attributes:
        requests: How many well-behaved clients sent while it lasted.
        lost: How many of them got no answer at all.
        seconds: How long until the server was well again, or had ended as it should.
        until: What that was.
        seen: What clients got, in words.
    """

    requests: int
    lost: int
    seconds: float
    until: str
    seen: str

    @classmethod
    def of(cls, load: Load, *, seconds: float, until: str, seen: str = "") -> Outcome:
        """What a load met.

        Args:
            load: The clients, which have ended.
            seconds: As above.
            until: As above.
            seen: What there is to say besides how they were answered.
        """
        met = [*(f"{count:,} times {status}" for status, count in sorted(load.statuses.items()))]
        met += [f"slowest after {load.slowest:.2f} s"] if load.statuses else []
        met += ["refused to connect at its end"] if load.refused else []
        return cls(
            requests=load.statuses.total() + len(load.lost),
            lost=len(load.lost),
            seconds=seconds,
            until=until,
            seen="; ".join([*met, *([seen] if seen else [])]),
        )


def markdown(outcomes: Mapping[str, Outcome]) -> str:
    """The matrix."""
    rows = [
        (name, f"{found.requests:,}", f"{found.lost:,}", f"{found.seconds:.2f} s: {found.until}", found.seen)
        for name, found in outcomes.items()
    ]
    return table([HEADING, *rows])
