"""Timeline of a request as SVG: a bar for each step in the row of its process."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple
from xml.sax.saxutils import escape

from benchmarks.steps.measurement import StepFigures
from benchmarks.steps.step import CLIENT, STEPS, WORKER, Step

_WIDTH, _LEFT, _TRACK = 860, 80, 756
_TOP, _ROW, _BAR = 74, 46, 30
_ROWS = (CLIENT, WORKER)
_AXIS = _TOP + _ROW * len(_ROWS)
_LEGEND, _LINE = _AXIS + 50, 20
_COLOURS = {CLIENT: "#5b6472", WORKER: "#2f6fb0"}
_HOP, _TEXT, _FAINT, _GRID = "#c9851f", "#1f2430", "#5b6472", "#d8dee6"
_NARROW = 15
_TICK = 20
_STYLE = f"font-family:system-ui,sans-serif;font-size:12px;fill:{_TEXT}"


class _Bar(NamedTuple):
    number: int
    step: Step
    start: float
    microseconds: float
    is_hop: bool

    @property
    def colour(self) -> str:
        return _HOP if self.is_hop else _COLOURS[self.step.process]


def timeline(figures: StepFigures, *, caption: str) -> str:
    """Returns the picture of a typical request; steps between processes have a colour of their own."""
    durations = figures.typical.steps
    scale = _TRACK / sum(durations)
    bars = [*_bars(durations)]
    height = _LEGEND + _LINE * -(-len(bars) // 2) + 22
    summary = f"{sum(durations):.0f} µs from the client and back, one connection"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" style="{_STYLE}">',
            f'<rect width="{_WIDTH}" height="{height}" rx="6" fill="#ffffff"/>',
            '<text x="20" y="28" font-size="16" font-weight="600">Steps of one request</text>',
            f'<text x="20" y="47" fill="{_FAINT}">{summary}</text>',
            *_axis(sum(durations), scale),
            *(
                f'<text x="{_LEFT - 10}" y="{_TOP + _ROW * row + 20}" text-anchor="end">{process}</text>'
                for row, process in enumerate(_ROWS)
            ),
            *(line for bar in bars for line in _drawn(bar, scale)),
            *(line for bar in bars for line in _explained(bar, -(-len(bars) // 2))),
            f'<text x="20" y="{height - 9}" font-size="10" fill="{_FAINT}">{escape(caption)}</text>',
            "</svg>\n",
        ]
    )


def _bars(durations: Sequence[float]) -> Iterator[_Bar]:
    before = CLIENT
    starts = accumulate(durations, initial=0.0)
    for number, (step, start, duration) in enumerate(zip(STEPS, starts, durations, strict=False), start=1):
        yield _Bar(number, step, start, duration, before != step.process)
        before = step.process


def _axis(whole: float, scale: float) -> Iterator[str]:
    for microseconds in range(0, int(whole) + 1, _TICK):
        x = _LEFT + microseconds * scale
        yield f'<path d="M{x:.1f} {_TOP - 6}V{_AXIS}" stroke="{_GRID}"/>'
        yield f'<text x="{x:.1f}" y="{_AXIS + 16}" font-size="10" text-anchor="middle">{microseconds}</text>'
    yield f'<text x="{_LEFT - 10}" y="{_AXIS + 16}" font-size="10" text-anchor="end">µs</text>'


def _drawn(bar: _Bar, scale: float) -> Iterator[str]:
    x, width = _LEFT + bar.start * scale, bar.microseconds * scale
    y = _TOP + _ROW * _ROWS.index(bar.step.process)
    yield (
        f'<rect x="{x:.1f}" y="{y}" width="{max(width - 1, 1):.1f}" height="{_BAR}" rx="2" '
        f'fill="{bar.colour}"><title>{escape(bar.step.title)}: {bar.microseconds:.1f} µs</title></rect>'
    )
    place = f'y="{y + 20}" fill="#ffffff"' if width > _NARROW else f'y="{y + _BAR + 11}" font-size="10"'
    yield f'<text x="{x + width / 2:.1f}" {place} text-anchor="middle">{bar.number}</text>'


def _explained(bar: _Bar, lines: int) -> Iterator[str]:
    column, line = divmod(bar.number - 1, lines)
    x, y = 20 + column * 420, _LEGEND + _LINE * line
    yield f'<rect x="{x}" y="{y - 10}" width="12" height="12" rx="2" fill="{bar.colour}"/>'
    yield (
        f'<text x="{x + 20}" y="{y}">{bar.number}  {escape(bar.step.title)}: {bar.microseconds:.1f} µs</text>'
    )
