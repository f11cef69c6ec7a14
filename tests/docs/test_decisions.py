"""Format of the decision pages, and their index."""

import re
from pathlib import Path

import pytest

from docs.tables import ROOT
from tests.docs.markdown import links

FOLDER = ROOT / "docs" / "decisions"
INDEX = FOLDER / "README.md"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
ONE_PAGE = 60


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_three_parts_and_at_most_60_lines(page: Path) -> None:
    text = page.read_text()

    assert re.match(rf"# {int(page.name[:4])}\. \S", text)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= ONE_PAGE


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_does_not_refer_to_another_one(page: Path) -> None:
    others = {other.name for other in DECISIONS}

    assert others.isdisjoint(link.partition("#")[0] for link in links(page))
    assert re.findall(r"\b(?:[Dd]ecision|superseded by) \d+", page.read_text()) == []


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == [*range(1, len(DECISIONS) + 1)]


def test_the_index_lists_every_decision_with_its_title() -> None:
    listed = re.findall(r"^\| \[(\d+\. .+?)\]\((.+?)\) \| \S", INDEX.read_text(), re.MULTILINE)

    assert listed == [(page.read_text().splitlines()[0].removeprefix("# "), page.name) for page in DECISIONS]
