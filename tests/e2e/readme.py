"""Examples of requests in README.md and docs/api.md: the command, and its answer in the page."""

import csv
import io
import json
import math
import re
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.e2e.support.account import ROOT

_EXAMPLE = re.compile(
    r"```bash\n(?P<command>.*?)```\n(?:\n```(?P<form>jsonl?|csv)\n(?P<answer>.*?)```\n)?", re.DOTALL
)
_PAGES = ("README.md", "docs/api.md")
_MODELS_PAGE = "docs/models-and-quality.md"
# Training on another processor architecture may round otherwise, and gives another version.
_TOLERANCE = 0.005
_VARYING = frozenset({"version", "expected_version", "checked_at"})


@dataclass(frozen=True)
class Example:
    """A command of a page and its answer, None where the page gives none."""

    command: str
    form: str | None
    answer: str | None

    def run(self, *, url: str, key: str) -> str:
        """Returns what the command prints, with URL and KEY set as the page says."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.command],
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "URL": url, "KEY": key},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout

    def agrees(self, printed: str) -> bool:
        """Whether `printed` is the page's answer, except for rounding, versions and times."""
        return _same(_read(printed, self.form), _read(self.answer or printed, self.form))


def examples() -> list[Example]:
    """Returns every example of a request, in the order of the pages."""
    return [
        Example(*match.group("command", "form", "answer"))
        for page in _PAGES
        for match in _EXAMPLE.finditer((ROOT / page).read_text())
    ]


def _read(text: str, form: str | None) -> Any:
    if form == "jsonl":
        return [json.loads(line) for line in text.splitlines()]
    if form != "csv":
        return json.loads(text)
    return [[_number(cell) for cell in line] for line in csv.reader(io.StringIO(text))]


def _number(cell: str) -> str | float:
    try:
        return float(cell)
    except ValueError:
        return cell


def _same(found: Any, told: Any) -> bool:
    match told:
        case dict():
            return found.keys() == told.keys() and all(
                name in _VARYING or _same(found[name], value) for name, value in told.items()
            )
        case list():
            return len(found) == len(told) and all(map(_same, found, told))
        case float():
            return math.isclose(found, told, abs_tol=_TOLERANCE)
    return bool(found == told)


def combinations() -> list[tuple[tuple[str, ...], str]]:
    """Returns models and hosting of each `make run` in the table of models."""
    commands = re.findall(
        r"^\| `make run MODEL=(\S+?)(?: HOSTING=(\w+))?` \|", (ROOT / _MODELS_PAGE).read_text(), re.MULTILINE
    )
    return [(tuple(models.split(",")), hosting or "realtime") for models, hosting in commands]
