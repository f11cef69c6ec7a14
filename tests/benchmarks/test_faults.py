"""The table of faults, and the documentation page with it."""

import re
from pathlib import Path

from benchmarks.faults.__main__ import FAULTS
from benchmarks.faults.clients import Load
from benchmarks.faults.outcome import HEADING, Outcome, markdown

PAGE = Path(__file__).parents[2] / "docs" / "failure-behaviour.md"


def rows(text: str) -> list[list[str]]:
    return [re.split(r"\s*\|\s*", line.strip("| ")) for line in text.splitlines() if line.startswith("|")]


def test_the_page_has_exactly_the_faults_of_the_command() -> None:
    heading, _, *shown = rows(PAGE.read_text())

    assert heading == [*HEADING]
    assert [row[0] for row in shown] == [*FAULTS]


def test_an_outcome_has_the_lost_requests_and_the_responses_of_clients() -> None:
    load = Load(1)
    load.statuses.update([200, 200, 504])
    load.lost.append("closed")
    load.slowest = 2.014

    outcome = Outcome.of(load, seconds=0.5, until="well again", seen="nothing else")

    assert rows(markdown({"a fault": outcome}))[-1] == [
        "a fault",
        "4",
        "1",
        "0.50 s: well again",
        "2 times 200; 1 times 504; slowest after 2.01 s; nothing else",
    ]
