"""The paths in ARCHITECTURE.md: numbered lists of files between markers."""

import re

from tests.paths.calls import ROOT


def listed_files(path: str) -> list[str]:
    """The files of one path, such as "request", in the order of the page."""
    page = (ROOT / "ARCHITECTURE.md").read_text()
    [section] = re.findall(rf"^<!-- path:{path} -->\n(.*?)^<!-- /path -->$", page, re.MULTILINE | re.DOTALL)
    return re.findall(r"^1\. `([\w./]+)` \S", section, re.MULTILINE)
