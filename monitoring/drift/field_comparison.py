"""Comparison of one field of a window with its reference: its findings, and the shares for its chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bundle import Distribution
from bundle.field import FieldType
from monitoring.drift.binned_column import MISSING, UNSEEN, CodedColumn, shown
from monitoring.drift.day_clusters import DayClusters, dispersion
from monitoring.drift.drift_report import DriftBar, DriftFinding, FieldDrift, FindingKind
from monitoring.drift.stability_index import NOT_COMPARED, StabilityIndex, stability_index

# Shares below which a difference is no alarm in however many rows.
_LEAST_MISSING, _LEAST_UNSEEN, _LEAST_OUTSIDE = 0.02, 0.0025, 0.01
# Without drift, a rare event is that frequent in at most this share of all windows: Markov's inequality,
# which holds for days of any likeness.
_RAREST = 0.01
_FEWEST_ROWS = 3
# Fewer values say nothing about a distribution.
_FEWEST_VALUES = 100
_MOST_BARS = 20
# Fewer days may be alike by chance: then a distribution has to differ by more.
_FEWEST_DAYS, _CAUTION = 5, 2.0


@dataclass(frozen=True, kw_only=True)
class ComparedColumn:
    """One field of the window with its reference, or the predictions.

    Attributes:
        name: Name of the field.
        type: Type of the field; task of the model for predictions.
        seen: What training saw.
        coded: Values of the window.
        reference_rows: Number of rows that `seen` describes.
        clusters: Clusters of the rows.
        is_calendar: Whether the values move on with the calendar.
        dispersion: How much more days differ than samples of the same rows would.
        seasons: Number of the two, window and reference, that show a part of the seasons only.
    """

    name: str
    type: str
    seen: Distribution
    coded: CodedColumn
    reference_rows: float
    clusters: DayClusters
    is_calendar: bool = False
    dispersion: float = 1.0
    seasons: int = 1

    @classmethod
    def measured(
        cls,
        name: str,
        type_: str,
        seen: Distribution,
        coded: CodedColumn,
        *,
        reference_rows: float,
        clusters: DayClusters,
        is_calendar: bool = False,
        seasons: int = 1,
    ) -> "ComparedColumn":
        """Returns the column with the differences of its values and of its gaps among the days."""
        codes, days = coded.codes, clusters.of_rows
        known = codes >= 0
        gaps = dispersion(days, (codes == MISSING).astype(np.int64), 2)
        values = dispersion(days[known], codes[known], max(1, len(coded.shares)))
        return cls(
            name=name,
            type=type_,
            seen=seen,
            coded=coded,
            reference_rows=reference_rows,
            clusters=clusters,
            is_calendar=is_calendar,
            dispersion=max(values, gaps),
            seasons=seasons,
        )

    def as_dispersed_as(self, others: Sequence["ComparedColumn"]) -> "ComparedColumn":
        """Returns the column with the largest dispersion of some: fields of one source vary together."""
        return replace(self, dispersion=max([self.dispersion, *(other.dispersion for other in others)]))

    @property
    def design_effect(self) -> float:
        """Rows for one independent row, with the seasons that the window cannot show."""
        return 1 + (self.dispersion - 1) * (1 + self.seasons * self.clusters.season_factor)

    def compare(self, *, tail: float, expects_missing: bool = False) -> FieldDrift:
        """Compares the column with its reference.

        Args:
            tail: Probability of an alarm of one kind without drift.
            expects_missing: Whether clients leave the field out, so that its absence is no alarm.
        """
        codes = self.coded.codes
        index = self._index(tail)
        findings = [*self._distribution(index), *self._missing(tail, expects_missing), *self._outside()]
        rows = int((codes != MISSING).sum())
        return FieldDrift(
            name=self.name,
            type=self.type,
            rows=rows,
            effective_rows=rows / self.design_effect,
            distance=index.value,
            allowed=index.allowed,
            missing=self._missing_share,
            missing_reference=self.seen.missing,
            outside=float(self.coded.outside.sum()) / max(1, rows),
            findings=tuple(sorted(findings, key=lambda found: (-found.is_alarm, -found.severity))),
            bars=tuple(self._bars()),
        )

    def _index(self, tail: float) -> StabilityIndex:
        known = self.coded.codes[self.coded.codes >= 0]
        if self.is_calendar or len(known) < _FEWEST_VALUES:
            return NOT_COMPARED
        return stability_index(
            np.bincount(known, minlength=len(self.coded.shares)),
            self.coded.shares,
            design_effect=self.design_effect,
            reference_rows=max(1.0, self.reference_rows * (1 - self.seen.missing)),
            tail=tail,
            caution=_CAUTION if self.clusters.days < _FEWEST_DAYS else 1.0,
        )

    def _distribution(self, index: StabilityIndex) -> Iterator[DriftFinding]:
        if index.is_compared and index.value > index.allowed:
            yield _alarm("distribution", index.value, index.allowed, self._moved_sentence())

    def _missing(self, tail: float, expects_missing: bool) -> Iterator[DriftFinding]:
        share, before = self._missing_share, self.seen.missing
        if abs(share - before) < _LEAST_MISSING:
            return
        gaps = np.array([before, 1 - before])
        counts = np.bincount((self.coded.codes != MISSING).astype(np.int64), minlength=2)
        # A share of exactly 0 has an infinite index.
        gaps = np.clip(gaps, 1 / self.reference_rows, 1 - 1 / self.reference_rows)
        index = stability_index(
            counts, gaps, design_effect=self.design_effect, reference_rows=self.reference_rows, tail=tail
        )
        is_rare = before < _RAREST * share
        if not is_rare and (not index.is_compared or index.value <= index.allowed):
            return
        sentence = (
            f"{self.name} is missing in {percent(share)} of the rows, and in {percent(before)} of the "
            "training rows."
        )
        severity = max(index.value / index.allowed if index.is_compared else 0.0, share / _LEAST_MISSING)
        yield DriftFinding(
            kind="missing",
            value=abs(share - before),
            allowed=abs(share - before) / severity,
            is_alarm=not expects_missing,
            sentence=sentence,
        )

    def _outside(self) -> Iterator[DriftFinding]:
        outside = self.coded.outside
        count, rows = int(outside.sum()), int((self.coded.codes != MISSING).sum())
        if not count:
            return
        is_unseen = (self.coded.codes[outside] == UNSEEN).all()
        least = _LEAST_UNSEEN if is_unseen else _LEAST_OUTSIDE
        allowed = max(least, _FEWEST_ROWS / rows, self._unseen_expected(is_unseen))
        days = len(np.unique(self.clusters.of_rows[outside]))
        # One cold day is no drift of the temperature.
        fewest_days = min(2, self.clusters.count) if is_unseen else (self.clusters.count + 1) // 2
        if count / rows <= allowed or days < fewest_days:
            return
        kind: FindingKind = "far_date" if self.type == "date" else "unseen" if is_unseen else "range"
        yield DriftFinding(
            kind=kind,
            value=count / rows,
            allowed=allowed,
            # The calendar moves on without any drift.
            is_alarm=not self.is_calendar,
            sentence=self._outside_sentence(kind, count / rows),
        )

    def _unseen_expected(self, is_unseen: bool) -> float:
        """Returns five times the share that is expected outside of what so many training rows had."""
        rows = max(1.0, self.reference_rows)
        if not is_unseen:
            # The smallest and the largest of n numbers have 2/(n+1) of all others outside.
            return 5 * 2 / (rows + 1)
        # Good (1953): the share of unseen values is that of the values seen once.
        once = sum(share * rows < 1.5 for share in self.seen.values.values())
        return 5 * once / rows

    @property
    def _missing_share(self) -> float:
        codes = self.coded.codes
        return float((codes == MISSING).mean()) if len(codes) else 0.0

    def _window_shares(self) -> NDArray[np.float64]:
        known = self.coded.codes[self.coded.codes >= 0]
        return np.bincount(known, minlength=len(self.coded.shares)) / max(1, len(known))

    def _bars(self) -> Iterator[DriftBar]:
        found, expected = self._window_shares(), self.coded.shares
        places = list(range(len(expected)))
        if self.coded.numbers is None and len(places) > _MOST_BARS:
            # The values with the largest shares of either, in the order of the training's.
            places = sorted(
                sorted(places, key=lambda place: -max(found[place], expected[place]))[:_MOST_BARS]
            )
        for place in places:
            yield DriftBar(
                title=self.coded.titles[place], reference=float(expected[place]), window=float(found[place])
            )
        codes = self.coded.codes
        if unseen := int((codes == UNSEEN).sum()):
            yield DriftBar(title="never seen", reference=0.0, window=unseen / int((codes != MISSING).sum()))

    def _moved_sentence(self) -> str:
        found, expected = self._window_shares(), self.coded.shares / self.coded.shares.sum()
        if self.coded.numbers is not None:
            below = np.concatenate([[0.0], np.cumsum(expected)])
            type_ = _field_type(self.type)
            before = shown(float(np.interp(0.5, below, self.coded.edges)), type_)
            now = shown(float(np.nanmedian(self.coded.numbers)), type_)
            if before != now:
                return f"The median of {self.name} is {now}, and was {before} in training."
        place = int(np.argmax(np.abs(found - expected)))
        return (
            f"{self.name} is {self.coded.titles[place]} in {percent(found[place])} of the rows, and in "
            f"{percent(expected[place])} of the training rows."
        )

    def _outside_sentence(self, kind: FindingKind, share: float) -> str:
        if kind == "unseen":
            example = f", such as {self.coded.unseen}," if self.coded.unseen else ""
            return (
                f"{self.name} has a value that no training row had{example} in {percent(share)} of the rows."
            )
        if kind == "far_date":
            return f"{self.name} is far from the trained days in {percent(share)} of the rows."
        low, high = self.seen.edges[0], self.seen.edges[-1]
        type_ = _field_type(self.type)
        return (
            f"{self.name} is outside of {shown(low, type_)} to {shown(high, type_)}, the trained range, in "
            f"{percent(share)} of the rows."
        )


def percent(share: float) -> str:
    """Returns a share in percent, with two digits."""
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.1f} %"


def _alarm(kind: FindingKind, value: float, allowed: float, sentence: str) -> DriftFinding:
    return DriftFinding(kind=kind, value=value, allowed=allowed, is_alarm=True, sentence=sentence)


def _field_type(type_: str) -> FieldType | None:
    return "time" if type_ == "time" else None
