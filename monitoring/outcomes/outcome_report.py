"""Report of outcomes: live metrics with intervals over days, beside those that the manifest promises."""

import math
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bundle import Manifest
from monitoring.outcomes.joined_outcomes import JoinedOutcomes
from monitoring.outcomes.live_metrics import (
    HIGHER_LIVE_METRICS,
    LIVE_METRICS,
    Floats,
    calibration_noise,
    day_totals,
    metrics_of,
)
from monitoring.outcomes.outcome_files import Outcomes

OutcomeStatus = Literal["no_outcomes", "too_few", "kept", "broken"]

# Fewer give no verdict: days differ among each other, and so many say how much.
FEWEST_OUTCOME_DAYS = 7
FEWEST_OUTCOMES = 200
_DRAWS = 500
# Of a normal distribution: an interval of 95 %, and one chance in 500 that a kept promise looks broken.
_INTERVAL, _BROKEN = 1.96, 2.878


class LiveMetric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of the outcomes.

    Attributes:
        name: Name of the metric, as in the manifest.
        live: Its value on the outcomes; None when it is not defined, as AUC of one label.
        low: Lower end of its 95 % interval over days; None with too few days.
        high: Upper end of the interval.
        promised: Its value in the manifest; None without one.
        allowed: How much worse than promised the live value may be by chance; None with too few days.
        is_broken: Whether it is worse.
    """

    name: str
    live: float | None
    low: float | None = None
    high: float | None = None
    promised: float | None = None
    allowed: float | None = None
    is_broken: bool = False


class OutcomeReport(msgspec.Struct, frozen=True, kw_only=True):
    """Result of joining outcomes to predictions.

    Attributes:
        model: Name of the model.
        version: Version whose predictions were joined.
        status: `broken` when a metric is worse than promised beyond chance, `kept` when none is; `too_few`
            rows or days for a verdict; `no_outcomes` when none was joined.
        sentence: The result for people.
        rows: Number of joined rows.
        days: Number of days of their requests.
        start: First of these days (ISO 8601); "" without rows.
        end: Last of these days.
        metrics: The metrics.
        promise: The rows that the promised metrics were measured on, in the words of the manifest.
        outcomes: Number of outcomes in the files.
        not_captured: Number of them without a captured request that was read.
        is_partial: Whether the time was over before all captured requests were read.
        without_prediction: Number of them whose captured request has no prediction of the row.
        of_other_versions: Number of them whose prediction another version made.
        bad: Number of rows of the files that are no outcomes.
        bad_rows: Sentences on the first bad rows.
    """

    model: str
    version: str
    status: OutcomeStatus
    sentence: str
    rows: int
    days: int
    start: str = ""
    end: str = ""
    metrics: tuple[LiveMetric, ...] = ()
    promise: str = ""
    outcomes: int = 0
    not_captured: int = 0
    is_partial: bool = False
    without_prediction: int = 0
    of_other_versions: int = 0
    bad: int = 0
    bad_rows: tuple[str, ...] = ()

    @property
    def is_alarm(self) -> bool:
        """Whether the promise is broken."""
        return self.status == "broken"

    def encode(self) -> bytes:
        """Encodes the report as JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def report_outcomes(manifest: Manifest, outcomes: Outcomes, joined: JoinedOutcomes) -> OutcomeReport:
    """Compares live metrics with those of the manifest."""
    days, codes = np.unique(np.array(joined.days, dtype="datetime64[D]"), return_inverse=True)
    metrics = _metrics(manifest, joined, codes, len(days)) if joined.size else ()
    status = _status(metrics, joined.size, len(days))
    return OutcomeReport(
        model=manifest.name,
        version=manifest.version,
        status=status,
        sentence=_sentence(status, metrics, joined.size, len(days)),
        rows=joined.size,
        days=len(days),
        start=str(days[0]) if joined.size else "",
        end=str(days[-1]) if joined.size else "",
        metrics=metrics,
        promise=manifest.metrics.split,
        outcomes=outcomes.size,
        not_captured=joined.not_captured,
        is_partial=joined.is_partial,
        without_prediction=joined.without_prediction,
        of_other_versions=joined.of_other_versions,
        bad=outcomes.bad,
        bad_rows=tuple(outcomes.named),
    )


def _metrics(
    manifest: Manifest, joined: JoinedOutcomes, codes: NDArray[np.intp], days: int
) -> tuple[LiveMetric, ...]:
    task = manifest.task
    totals = day_totals(task, np.array(joined.predicted), np.array(joined.actual), codes)
    all_days = totals.resampled(np.ones((1, days)))
    live = metrics_of(task, all_days)
    noise = {"calibration_error": float(calibration_noise(all_days)[0])} if task == "binary" else {}
    deviations: dict[str, float] = {}
    if days >= FEWEST_OUTCOME_DAYS and joined.size >= FEWEST_OUTCOMES:
        # The same days are drawn for the same outcomes.
        draws = np.random.default_rng(0).multinomial(days, np.full(days, 1 / days), size=_DRAWS)
        resampled = metrics_of(task, totals.resampled(draws.astype(np.float64)))
        deviations = {
            name: _deviation(values[np.isfinite(values)], days)
            for name, values in resampled.items()
            if np.isfinite(live[name][0])
        }
    return tuple(
        _metric(
            name,
            float(live[name][0]),
            promised=manifest.metrics.values.get(name),
            deviation=deviations.get(name),
            days=days,
            noise=noise.get(name, 0.0),
        )
        for name in LIVE_METRICS[task]
    )


def _deviation(values: Floats, days: int) -> float:
    """Returns the standard deviation of a metric; draws of few days differ too little."""
    return float(np.std(values) * math.sqrt(days / (days - 1)))


def _metric(
    name: str, live: float, *, promised: float | None, deviation: float | None, days: int, noise: float
) -> LiveMetric:
    if not math.isfinite(live):
        return LiveMetric(name=name, live=None, promised=promised)
    if deviation is None:
        return LiveMetric(name=name, live=live, promised=promised)
    margin = student_quantile(_INTERVAL, days - 1) * deviation
    # The promised metric is one of other days, and as uncertain.
    allowed = student_quantile(_BROKEN, days - 1) * math.sqrt(2) * deviation + noise
    worse = 0.0
    if promised is not None:
        worse = promised - live if name in HIGHER_LIVE_METRICS else live - promised
    return LiveMetric(
        name=name,
        live=live,
        low=live - margin,
        high=live + margin,
        promised=promised,
        allowed=allowed,
        is_broken=worse > allowed,
    )


def student_quantile(normal: float, freedom: int) -> float:
    """Returns the quantile of Student's t that belongs to a quantile of the normal distribution.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    return (
        normal
        + (normal**3 + normal) / (4 * freedom)
        + (5 * normal**5 + 16 * normal**3 + 3 * normal) / (96 * freedom**2)
        + (3 * normal**7 + 19 * normal**5 + 17 * normal**3 - 15 * normal) / (384 * freedom**3)
    )


def _status(metrics: tuple[LiveMetric, ...], rows: int, days: int) -> OutcomeStatus:
    if not rows:
        return "no_outcomes"
    if days < FEWEST_OUTCOME_DAYS or rows < FEWEST_OUTCOMES:
        return "too_few"
    return "broken" if any(metric.is_broken for metric in metrics) else "kept"


def _sentence(status: OutcomeStatus, metrics: tuple[LiveMetric, ...], rows: int, days: int) -> str:
    of = f"{rows:,} outcomes of {days} day{'s' * (days != 1)}"
    match status:
        case "no_outcomes":
            return "No outcome belongs to a captured prediction of this version."
        case "too_few":
            needed = f"{FEWEST_OUTCOMES} outcomes of {FEWEST_OUTCOME_DAYS} days"
            return f"A verdict needs {needed}, and there are {of}."
        case "kept":
            return f"The model is as good as its manifest promises, by {of}."
    broken = ", ".join(
        f"{metric.name} is {metric.live:.3f} and was {metric.promised:.3f}"
        for metric in metrics
        if metric.is_broken
    )
    return f"The model is worse than its manifest promises, by {of}: {broken}."
