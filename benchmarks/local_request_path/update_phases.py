"""Requests before, during and after an update, and their figures."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple, Self

import msgspec

from benchmarks.figures.results import percentile
from benchmarks.figures.tables import Cells, table
from benchmarks.figures.verdict import Verdict
from benchmarks.load.open_loop import LOST, Answered

BEFORE, DURING, AFTER, WHOLE = "before", "during", "after", "whole"
_EMPTY = "-"


class Update(NamedTuple):
    """Start and end of an update, in seconds from the start of the load."""

    start: float
    end: float


class Phase(NamedTuple):
    """Figures of some requests.

    Attributes:
        sent: Number of requests.
        answered: Those with a prediction.
        failed: Those with an error.
        lost: Those without a complete response.
        seconds: The latencies of the answered ones.
        versions: How many each version of the model has answered.
    """

    sent: int
    answered: int
    failed: int
    lost: int
    seconds: Sequence[float]
    versions: Mapping[str, int]

    @classmethod
    def of(cls, requests: Iterable[Answered]) -> Self:
        """Computes the figures."""
        found = list(requests)
        good = [one for one in found if one.response.status == HTTPStatus.OK]
        lost = sum(one.response.status == LOST for one in found)
        return cls(
            sent=len(found),
            answered=len(good),
            failed=len(found) - len(good) - lost,
            lost=lost,
            seconds=[one.seconds for one in good],
            versions=Counter(_version(one.response.body) for one in good),
        )

    def milliseconds(self, share: float) -> str:
        """Returns a percentile of the latencies in milliseconds."""
        return f"{percentile(self.seconds, share) * 1e3:,.1f}" if self.seconds else _EMPTY


def phases(requests: Sequence[Answered], update: Update) -> dict[str, Phase]:
    """Divides requests by the time when they were due; the last phase has all of them."""
    start, end = update
    return {
        BEFORE: Phase.of(one for one in requests if one.due < start),
        DURING: Phase.of(one for one in requests if start <= one.due < end),
        AFTER: Phase.of(one for one in requests if one.due >= end),
        WHOLE: Phase.of(requests),
    }


def markdown(found: Mapping[str, Phase], versions: Sequence[str]) -> str:
    """Returns the table of the phases, with the answers of each version."""
    return table(_rows(found, versions))


def verdict(found: Mapping[str, Phase], rate: int) -> Verdict:
    """Returns the verdict on the goal that no request is lost and none fails."""
    whole = found[WHOLE]
    p99s = ", ".join(f"{found[name].milliseconds(99)} ms {name}" for name in (BEFORE, DURING, AFTER))
    return Verdict(
        f"{rate} requests a second during an update: 0 lost, 0 failed",
        f"{whole.lost} lost, {whole.failed} failed of {whole.sent:,}; p99 {p99s}",
        met=not whole.lost and not whole.failed,
    )


def _rows(found: Mapping[str, Phase], versions: Sequence[str]) -> Iterator[Cells]:
    counts = ("sent", "answered", "failed", "lost")
    yield "update", *counts, "p50 ms", "p99 ms", "slowest ms", *(f"by {version}" for version in versions)
    for name, phase in found.items():
        yield (
            name,
            *(f"{count:,}" for count in phase[: len(counts)]),
            *(phase.milliseconds(share) for share in (50, 99, 100)),
            *(f"{phase.versions.get(version, 0):,}" for version in versions),
        )


def _version(body: bytes) -> str:
    version: str = msgspec.json.decode(body)["model"]["version"]
    return version
