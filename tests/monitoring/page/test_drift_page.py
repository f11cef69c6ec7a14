"""Page of a report: what drifted, a chart for each field, nothing from elsewhere."""

import re
from html.parser import HTMLParser

from monitoring.drift.window_comparison import compare
from monitoring.page.drift_page import drift_page
from monitoring.page.field_chart import field_chart
from tests.monitoring.drift.windows import drift_manifest, drift_window


class Elements(HTMLParser):
    """Names of the elements, and their attributes that name a place elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.open: list[str] = []
        self.places: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.places += [name for name, _ in attrs if name in ("src", "href", "style")]
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "rect":
            assert self.open.pop() == tag


def elements(page: str) -> Elements:
    parser = Elements()
    parser.feed(page)
    assert parser.open == []
    return parser


def test_the_page_says_what_drifted_first_and_draws_each_field() -> None:
    def shift(columns: dict[str, list[object]]) -> None:
        columns["kind"] = ["<b>" if row % 5 == 0 else kind for row, kind in enumerate(columns["kind"])]
        columns["delay"] = [float(str(value)) / 3 for value in columns["delay"]]

    report = compare(drift_manifest(), drift_window(shift=shift))
    page = drift_page(report)
    found = elements(page)

    assert found.names.count("svg") == found.names.count("figure") == 4
    assert found.places == []
    assert "script" not in found.names
    assert "@import" not in page
    assert "url(" not in page
    assert "http" not in page
    assert "such as &lt;b&gt;, in 20 % of the rows" in page
    drifted = re.findall(r'<figure class="drifted"><h3>(\w+)', page)
    assert drifted == [field.name for field in report.drifted] == ["kind", "delay"]


def test_the_page_of_a_window_without_a_verdict_says_why() -> None:
    page = drift_page(compare(drift_manifest(), drift_window(20)))

    assert "Too few rows: tiny" in page
    assert "20 rows from 2026-02-01 00:00 to 2026-02-07" in page
    assert "svg" not in elements(page).names


def test_a_field_without_values_has_no_chart() -> None:
    assert field_chart("kind", ()) == ""
