"""Output of the CDK CLI as progress: all of it in a log file, a few lines for people."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

# The CLI prints one line for each event of a stack: "Tiny | 3/52 | 10:00:00 AM | CREATE_COMPLETE | ...".
_EVENT = re.compile(r"\|\s*(\d+)/(\d+)\s*\|")
_SYNTHESIZED = "Synthesis time"
_FAILURES = ("_FAILED", "ROLLBACK", "\u274c")
_ALWAYS = ("no changes",)
_STEPS = 4


class CdkProgress:
    """Shows the progress of one deployment.

    The lines up to the synthesis are those of our own programs, such as training, and are shown as they are;
    so are all lines from a failure on.

    Args:
        log: File that gets every line.
        show: Shows one line.
    """

    def __init__(self, log: Path, *, show: Callable[[str], None]) -> None:
        self._log = log
        self._show = show
        self._is_shown = True
        self._step = 0

    def follow(self, lines: Iterable[str]) -> None:
        """Logs lines until there are no more, and shows some of them."""
        with self._log.open("w", encoding="utf-8") as log:
            for line in lines:
                log.write(line)
                log.flush()
                self._follow(line.rstrip())

    def _follow(self, line: str) -> None:
        if _SYNTHESIZED in line:
            self._is_shown = False
            self._show("The template is written; CloudFormation deploys it ...")
        elif any(mark in line for mark in _FAILURES):
            self._is_shown = True
            self._show(line)
        elif event := _EVENT.search(line):
            self._count(int(event[1]), int(event[2]))
        elif line.strip() and (self._is_shown or any(mark in line for mark in _ALWAYS)):
            self._show(line)

    def _count(self, done: int, resources: int) -> None:
        step = _STEPS * done // resources if resources else 0
        if step > self._step:
            self._step = step
            self._show(f"{done} of {resources} steps are done.")
