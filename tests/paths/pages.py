"""The paths in ARCHITECTURE.md: numbered lists of files between markers."""

import re

from tests.paths.calls import ROOT


def stated_counts() -> list[int]:
    """The numbers of files that the page states: of a request, and of a training row."""
    page = (ROOT / "ARCHITECTURE.md").read_text()
    return [int(number) for number in re.findall(r"\b(\d+) files\b", page)]


def listed_files(path: str) -> list[str]:
    """The files of one path, such as "request", in the order of the page."""
    page = (ROOT / "ARCHITECTURE.md").read_text()
    [section] = re.findall(rf"^<!-- path:{path} -->\n(.*?)^<!-- /path -->$", page, re.MULTILINE | re.DOTALL)
    return re.findall(r"^1\. `([\w./]+)` \S", section, re.MULTILINE)
