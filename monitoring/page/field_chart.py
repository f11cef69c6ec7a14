"""Chart of one field: the shares of training rows and of the window's rows, bin by bin, as SVG."""

import html
from collections.abc import Sequence

from monitoring.drift.drift_report import DriftBar
from monitoring.drift.field_comparison import percent

_WIDTH, _HEIGHT, _TOP, _BOTTOM = 360, 130, 12, 26
# Characters of a title below the axis.
_LONGEST = 14
_MOST_TITLES = 6


def field_chart(name: str, bars: Sequence[DriftBar]) -> str:
    """Returns an SVG picture with two bars for each bin: training, then window.

    Args:
        name: Name of the field, for screen readers.
        bars: The bins.
    """
    if not bars:
        return ""
    highest = max(max(bar.reference, bar.window) for bar in bars) or 1.0
    width = _WIDTH / len(bars)
    floor = _HEIGHT - _BOTTOM
    scale = (floor - _TOP) / highest
    step = max(1, -(-len(bars) // _MOST_TITLES))
    parts = [f'<text x="0" y="{_TOP - 3}">{percent(highest)}</text>']
    for place, bar in enumerate(bars):
        left = place * width
        shares = f"{bar.title}: {percent(bar.reference)} in training, {percent(bar.window)} in the window"
        parts.append(f"<g><title>{html.escape(shares)}</title>")
        for share, kind, part in ((bar.reference, "reference", 0.08), (bar.window, "window", 0.5)):
            tall = share * scale
            parts.append(
                f'<rect class="{kind}" x="{left + part * width:.1f}" y="{floor - tall:.1f}" '
                f'width="{0.4 * width:.1f}" height="{tall:.1f}"/>'
            )
        parts.append("</g>")
        if place % step == 0:
            anchor = "start" if place == 0 else "middle"
            at = left if place == 0 else left + width / 2
            parts.append(
                f'<text x="{at:.1f}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{_short(bar.title)}</text>'
            )
    label = html.escape(f"Shares of {name} in training and in the window", quote=True)
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _short(title: str) -> str:
    # A bin of numbers is named by its lower edge.
    text = title.partition(" to ")[0]
    return html.escape(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
