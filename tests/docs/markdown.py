"""Reads the Markdown pages of the project."""

import re
from collections.abc import Iterator
from pathlib import Path

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


def prose(page: Path) -> str:
    """Returns the text of a page without its fenced code blocks."""
    return _FENCE.sub("", page.read_text())


def spans(page: Path) -> list[str]:
    """Returns the inline code of a page."""
    return _SPAN.findall(prose(page))


def code(page: Path) -> Iterator[str]:
    """Yields the fenced code blocks of a page and its inline code."""
    yield from _FENCE.findall(page.read_text())
    yield from spans(page)


def links(page: Path) -> list[str]:
    """Returns the targets of links and pictures."""
    return re.findall(r"\]\(([^)\s]+)\)", _SPAN.sub("", prose(page)))


def anchors(page: Path) -> set[str]:
    """Returns the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def tables(page: Path) -> dict[str, list[list[str]]]:
    """Returns the rows of each table of a page, by the heading of the table's first column."""
    found: dict[str, list[list[str]]] = {}
    for block in re.findall(r"((?:^\|.*\n)+)", page.read_text(), re.MULTILINE):
        heading, _, *rows = (
            [cell.strip() for cell in line.strip("|\n").split("|")] for line in block.splitlines()
        )
        found[heading[0]] = rows
    return found
