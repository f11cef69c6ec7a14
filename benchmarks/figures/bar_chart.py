"""Bar chart of the throughputs as SVG, without a plotting library."""

from xml.sax.saxutils import escape

from benchmarks.figures.results import CAPACITY, Run
from benchmarks.serving.contender import LOOP, OURS, find, title

_WIDTH, _LABELS, _BARS = 860, 300, 400
_TOP, _STEP, _BAR = 62, 30, 18
_OURS, _OTHERS, _CEILING = "#1a7f64", "#9aa4b2", "#d8dee6"
_STYLE = "font-family:system-ui,sans-serif;font-size:13px;fill:#1f2430"


def svg(run: Run) -> str:
    """Returns a chart of the requests per second at 64 connections: a bar and a range for each contender."""
    measured = {
        name: record
        for name, record in run.records.items()
        if CAPACITY.key in record.samples and name != LOOP
    }
    bars = sorted(((record.median(CAPACITY) or 0.0, name) for name, record in measured.items()), reverse=True)
    scale = _BARS / max(measured[name].extent(CAPACITY)[1] for _, name in bars)
    height = _TOP + _STEP * len(bars) + 26
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" style="{_STYLE}">',
        f'<rect width="{_WIDTH}" height="{height}" rx="6" fill="#ffffff"/>',
        '<text x="20" y="28" font-size="16" font-weight="600">Predictions a second on one core</text>',
        '<text x="20" y="47" fill="#5b6472">one row a request, 64 connections; longer is better</text>',
    ]
    for position, (value, name) in enumerate(bars):
        lines += _bar(_TOP + _STEP * position, name, value, measured[name].extent(CAPACITY), scale)
    caption = escape(f"{run.date} · {run.machine} · rounds: {run.rounds}; medians, lines from least to most")
    lines += [f'<text x="20" y="{height - 9}" font-size="10" fill="#5b6472">{caption}</text>', "</svg>"]
    return "\n".join(lines) + "\n"


def _bar(top: int, name: str, value: float, extent: tuple[float, float], scale: float) -> list[str]:
    colour = _OURS if name == OURS else _OTHERS if find(name).predicts else _CEILING
    low, high = (_LABELS + bound * scale for bound in extent)
    middle = top + _BAR / 2
    width = max(value * scale, 1)
    return [
        f'<text x="{_LABELS - 8}" y="{middle + 4:g}" text-anchor="end">{escape(title(name))}</text>',
        f'<rect x="{_LABELS}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{colour}"/>',
        f'<path d="M{low:.1f} {middle:g}H{high:.1f}" stroke="#1f2430" stroke-width="1.5"/>',
        f'<text x="{high + 8:.1f}" y="{middle + 4:g}">{value:,.0f}</text>',
    ]
