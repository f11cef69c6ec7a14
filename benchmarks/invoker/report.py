"""Table of the invoker and of other functions that call an endpoint, and the invoker's goals."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.figures.verdict import Verdict, at_most

OURS, UNSIGNED = "our_invoker", "unsigned_request"
CONTENDERS = (UNSIGNED, OURS, "boto3_client")
COLD_MS, OVERHEAD_MS = 100, 0.4


@dataclass(frozen=True, kw_only=True)
class InvokerFigures:
    """Figures of all rounds.

    Attributes:
        cold: Milliseconds of each cold start, by contender.
        latencies: p50 and p99 of each round's requests in microseconds, by contender.
        own_code: Milliseconds of the invoker's own code in each import.
    """

    cold: Mapping[str, Sequence[float]]
    latencies: Mapping[str, Sequence[tuple[float, float]]]
    own_code: Sequence[float]

    def added(self, name: str) -> float:
        """Returns the microseconds that a contender's median request takes beyond an unsigned one."""
        ours, unsigned = (
            statistics.median(p50 for p50, _ in self.latencies[found]) for found in (name, UNSIGNED)
        )
        return ours - unsigned


def markdown(figures: InvokerFigures) -> str:
    """Returns the table of the medians, in parentheses the minimum."""
    rows = [_row(figures, name) for name in CONTENDERS]
    own_code = f"{statistics.median(figures.own_code):.1f} ms ({min(figures.own_code):.1f})"
    return "\n".join(
        [
            "| function | cold start ms | p50 µs | p99 µs | p50 beyond an unsigned request µs |",
            "| --- | ---: | ---: | ---: | ---: |",
            *rows,
            "",
            f"The invoker's own code takes {own_code} of its import.",
        ]
    )


def verdicts(figures: InvokerFigures) -> list[Verdict]:
    """Returns whether the invoker's cold start and its part of a request meet their goals."""
    return [
        at_most("cold start", statistics.median(figures.cold[OURS]), COLD_MS, "ms"),
        at_most("added to a request, p50", figures.added(OURS) / 1e3, OVERHEAD_MS, "ms"),
    ]


def _row(figures: InvokerFigures, name: str) -> str:
    p50s, p99s = zip(*figures.latencies[name], strict=True)
    cells = [_rounds(figures.cold[name]), _rounds(p50s), _rounds(p99s), f"{figures.added(name):,.0f}"]
    return f"| {name} | {' | '.join(cells)} |"


def _rounds(values: Sequence[float]) -> str:
    return f"{statistics.median(values):,.0f} ({min(values):,.0f})"
