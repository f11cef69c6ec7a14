"""Table of the steps of a request in Markdown."""

from collections.abc import Iterator, Sequence

from benchmarks.figures.tables import table
from benchmarks.steps.measurement import StepFigures
from benchmarks.steps.step import POINTS, STEPS


def markdown(figures: StepFigures, *, date: str, machine: str) -> str:
    """Returns the page of a measurement.

    Args:
        figures: Its results.
        date: Its date.
        machine: Description of the machine.
    """
    introduction = (
        f"{date}, {machine}. Model {figures.model}, one row a request, one connection, each request after "
        "the response to the one before. A worker answers the connection, which the front has handed over; "
        "both have one core, the client another. "
        f"{figures.rounds * figures.requests:,} requests in {figures.rounds} rounds; the figures are means "
        "of the fifth of them around the median of the round trips, so that the steps add up."
    )
    steps = table(_rows(figures), texts=2)
    return "\n\n".join(["# Steps of one request", introduction, steps, _stamps(figures)])


def _stamps(figures: StepFigures) -> str:
    used = figures.processor
    each = " and ".join(f"{microseconds:.0f} µs in the {role}" for role, microseconds in used.items())
    return (
        f"The server as it ships answers in {figures.unstamped:.0f} µs (median of as many requests in the "
        f"same rounds) and takes {sum(used.values()):.0f} µs of processor time a request: {each}. "
        f"With the stamps of this measurement it answers in {figures.stamped:.0f} µs: a stamp costs "
        f"{figures.stamp:.2f} µs, and the server makes {len(POINTS) - 2} of them for a request."
    )


def _rows(figures: StepFigures) -> Iterator[Sequence[str]]:
    whole = figures.typical.microseconds
    yield "step", "µs", "share", "in", "limit of the step"
    for step, microseconds in zip(STEPS, figures.typical.steps, strict=True):
        yield step.title, f"{microseconds:.1f}", f"{microseconds / whole:.0%}", step.process, step.limit
    yield "round trip", f"{whole:.1f}", "100%", "", ""
