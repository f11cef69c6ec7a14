"""The README's examples of requests: what to type, and what it says will come back."""

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
    r"```bash\n(?P<command>.*?)```\n(?:\n```(?P<form>json|csv)\n(?P<answer>.*?)```\n)?", re.DOTALL
)
# The README rounds to two decimals, and shows a version and a time that are none.
_ROUNDING = 0.0051
_INVENTED = frozenset({"version", "expected_version", "checked_at"})


@dataclass(frozen=True)
class Example:
    """A command of the README and its answer, None where it gives none."""

    command: str
    form: str | None
    answer: str | None

    def run(self, *, url: str, key: str) -> str:
        """What the command prints, with URL and KEY set as the README asks."""
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
        """Whether `printed` is the README's answer, up to its rounding and the model's version."""
        return _same(_read(printed, self.form), _read(self.answer or printed, self.form))


def examples() -> list[Example]:
    """Every request the README shows, in its order."""
    section = (ROOT / "README.md").read_text().partition("\n## The API\n")[2].partition("\n## ")[0]
    return [Example(*match.group("command", "form", "answer")) for match in _EXAMPLE.finditer(section)]


def _read(text: str, form: str | None) -> Any:
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
                name in _INVENTED or _same(found[name], value) for name, value in told.items()
            )
        case list():
            return len(found) == len(told) and all(map(_same, found, told))
        case float():
            return math.isclose(found, told, abs_tol=_ROUNDING)
    return bool(found == told)


def combinations() -> list[tuple[tuple[str, ...], str]]:
    """The models and the hosting of each `make run` in the README's table of models."""
    commands = re.findall(
        r"^\| `make run MODEL=(\S+?)(?: HOSTING=(\w+))?` \|", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    return [(tuple(models.split(",")), hosting or "realtime") for models, hosting in commands]
