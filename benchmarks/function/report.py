"""Tables of the results in Markdown."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.figures.tables import Cells, table
from benchmarks.figures.verdict import Verdict, at_least, at_most
from benchmarks.function.contender import CLASSIC, CONTENDERS, NOTHING, OURS
from benchmarks.function.trial import Trial

Trials = Mapping[str, Sequence[Trial]]
Measure = Callable[[Trial], float]

GOALS = {"cold": 5, "warm": 20}
COLD_MS = 100


def markdown(label: str, trials: Trials) -> str:
    """Returns the tables of one model."""
    return "\n\n".join([f"## {label}", table(_rows(trials)), table(_ratios(trials)), _note(trials)])


def verdicts(label: str, trials: Trials) -> list[Verdict]:
    """Returns the verdicts on the goals of one model."""
    cold = 1e3 * _median(trials[OURS.name], _cold)
    return [
        at_most(f"{label}, cold: first answer", cold, COLD_MS, "ms"),
        at_least(f"{label}, cold, against the classic", _ratio(trials, _cold), GOALS["cold"]),
        at_least(f"{label}, warm, against the classic", _ratio(trials, _p50), GOALS["warm"]),
    ]


def _rows(trials: Trials) -> Iterator[Cells]:
    yield (
        "function",
        "asks for work after ms",
        "first answer after ms",
        "warm p50 ms",
        "warm p99 ms",
        "handler p50 ms",
    )
    for contender in CONTENDERS:
        found = trials[contender.name]
        yield (
            contender.title,
            *(_format(found, measure) for measure in (_ready, _cold, _p50, _p99, _handler_p50)),
        )


def _ratios(trials: Trials) -> Iterator[Cells]:
    yield "the classic, in units of this project", "measured", "goal"
    yield "cold: first answer", f"{_ratio(trials, _cold):.1f}", str(GOALS["cold"])
    yield "warm p50: event to answer", f"{_ratio(trials, _p50):.1f}", str(GOALS["warm"])
    yield "warm p50: the handler alone", f"{_ratio(trials, _handler_p50):.1f}", str(GOALS["warm"])


def _note(trials: Trials) -> str:
    floor = _median(trials[NOTHING.name], _p50)
    return (
        f"Of a warm request the runtime client and loopback take {floor * 1e3:.2f} ms whatever the handler "
        f"does, which is {floor / _median(trials[OURS.name], _p50):.0%} of this project's answer and "
        f"{floor / _median(trials[CLASSIC.name], _p50):.0%} of the classic's."
    )


def _ratio(trials: Trials, measure: Measure) -> float:
    return _median(trials[CLASSIC.name], measure) / _median(trials[OURS.name], measure)


def _format(trials: Sequence[Trial], measure: Measure) -> str:
    found = [measure(trial) * 1e3 for trial in trials]
    return f"{statistics.median(found):,.3f} ({min(found):,.3f}-{max(found):,.3f})"


def _median(trials: Sequence[Trial], measure: Measure) -> float:
    return statistics.median(measure(trial) for trial in trials)


def _ready(trial: Trial) -> float:
    return trial.ready


def _cold(trial: Trial) -> float:
    return trial.cold


def _p50(trial: Trial) -> float:
    return statistics.median(trial.warm)


def _handler_p50(trial: Trial) -> float:
    return statistics.median(trial.handled)


def _p99(trial: Trial) -> float:
    return statistics.quantiles(trial.warm, n=100)[98]
