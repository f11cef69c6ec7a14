"""Verdict: what the judge decided, and why; the content of verdict.json."""

from collections.abc import Sequence

import msgspec

from bundle.texts.counted_noun import counted
from training.judging.checks import Check
from training.judging.differences import Difference
from training.judging.judge_settings import JudgeSettings
from training.judging.slice_differences import PartDifference

VERDICT_FILE, VERDICT_PAGE = "verdict.json", "verdict.html"


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that a contender has learned from.

    Attributes:
        data: Name of their source.
        rows: Number of rows.
        start: First day, or empty.
        end: Last day.
    """

    data: str
    rows: int
    start: str
    end: str


class GraphFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a contender's graph.

    Attributes:
        bytes: Size of the graph.
        golden_rows: Number of golden rows.
    """

    bytes: int
    golden_rows: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict; the same bundles and rows give the same one.

    Attributes:
        model: Name of the model.
        champion: Version of the champion.
        challenger: Version of the challenger.
        passes: Whether the challenger may be released; the only member that decides.
        reasons: Why, one sentence each: the checks that refuse it, or all that it passes.
        data: Source of the rows.
        rows: Number of rows that neither has learned from.
        start: First day of these rows; empty without dates.
        end: Last day.
        days: Number of different days; 0 without dates.
        metrics: Differences by name; a suffix names the situation unless it is the first one. Empty when the
            rows could not be compared.
        situations: Description of each situation, by the suffix of its metrics.
        slices: Differences in parts of the rows, the worst first.
        graph: Figures of both graphs, by role.
        learned: What each has learned from, by role.
        checks: All checks of the judge.
        rule: The settings of the judge.
    """

    model: str
    champion: str
    challenger: str
    passes: bool
    reasons: tuple[str, ...]
    data: str = ""
    rows: int = 0
    start: str = ""
    end: str = ""
    days: int = 0
    metrics: dict[str, Difference] = {}
    situations: dict[str, str] = {}
    slices: tuple[PartDifference, ...] = ()
    graph: dict[str, GraphFigures] = {}
    learned: dict[str, Learned] = {}
    checks: tuple[Check, ...] = ()
    rule: JudgeSettings = JudgeSettings()

    def encode(self) -> bytes:
        """Encodes verdict.json: the same bytes for the same verdict."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    def as_text(self) -> str:
        """Returns the verdict for a terminal."""
        title = "passes" if self.passes else "does not pass"
        rows = f"{counted(self.rows, 'row')} of {self.data}" if self.data else "no rows"
        lines = [f"The challenger {self.challenger} {title} against the champion {self.champion}, by {rows}."]
        return "\n".join([*lines, *(f"- {reason}" for reason in self.reasons)])


def decided(checks: Sequence[Check]) -> tuple[bool, tuple[str, ...]]:
    """Returns whether all checks pass, and the sentences that say why."""
    passes = all(check.passes for check in checks)
    return passes, tuple(check.sentence for check in checks if check.passes == passes)
