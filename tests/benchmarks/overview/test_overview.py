"""Overview of all benchmarks: one table of their goals."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.figures.verdict import Verdict, at_least, at_most, read_verdicts, write_verdicts
from benchmarks.overview.__main__ import main
from benchmarks.overview.benchmark import BENCHMARKS, Benchmark


class Script(Benchmark):
    """A benchmark whose module is the text of a program."""

    def command(self, verdicts: Path) -> list[str]:
        return [sys.executable, "-c", self.module, str(verdicts)]


def benchmark(title: str, *verdicts: Verdict, code: int = 0) -> Benchmark:
    lines = [
        "import sys; from pathlib import Path",
        "from benchmarks.figures.verdict import Verdict, write_verdicts",
        f"write_verdicts(Path(sys.argv[1]), {[*verdicts]!r})",
        f"sys.exit({code})",
    ]
    return Script(title, "\n".join(lines))


FAST = Verdict("2 times: FastAPI", "2.13", met=True)
SLOW = Verdict("cold start in 100 ms", "130 ms", met=False)


def run(tmp_path: Path, names: Sequence[str], *benchmarks: Benchmark) -> tuple[int, Path]:
    out = tmp_path / "README.md"
    return main(names, benchmarks, out), out


def test_the_goals_of_all_benchmarks_are_one_table(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    # When
    code, out = run(tmp_path, [], benchmark("serving", FAST), benchmark("function", SLOW))

    # Then
    assert code == 0
    printed = capfd.readouterr().out
    assert "| serving | 2 times: FastAPI | 2.13 | yes |\n" in printed
    assert "| function | cold start in 100 ms | 130 ms | no |\n" in printed
    assert out.read_text(encoding="utf-8") == printed


def test_a_failed_benchmark_is_named_and_the_kept_table_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out = run(tmp_path, [], benchmark("serving", FAST), benchmark("function", code=3))

    assert code == 1
    assert "Failed: function." in capfd.readouterr().out
    assert not out.exists()


def test_a_part_of_the_benchmarks_is_printed_and_not_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out = run(tmp_path, ["function"], benchmark("serving", FAST), benchmark("function", SLOW))

    assert code == 0
    assert "| serving |" not in capfd.readouterr().out
    assert not out.exists()


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (at_most("year", 14.96, 15, "s"), Verdict("year: 15 s at most", "15 s", met=True)),
        (at_most("year", 1_501.2, 1_500, "MB"), Verdict("year: 1,500 MB at most", "1,501 MB", met=False)),
        (at_least("pandas", 5, 5), Verdict("pandas: 5 times", "5 times", met=True)),
        (at_least("pandas", 4.994, 5), Verdict("pandas: 5 times", "4.99 times", met=False)),
    ],
)
def test_a_limit_is_met_or_missed_before_rounding(verdict: Verdict, expected: Verdict) -> None:
    assert verdict == expected


def test_verdicts_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    write_verdicts(path, [FAST, SLOW])

    assert read_verdicts(path) == [FAST, SLOW]
    assert read_verdicts(tmp_path / "none.json") == []


@pytest.mark.slow
@pytest.mark.parametrize("one", BENCHMARKS, ids=lambda one: one.title)
def test_the_command_of_a_benchmark_takes_its_arguments(one: Benchmark, tmp_path: Path) -> None:
    """Each says so in its --help, which is parsed after the other arguments."""
    command = [*one.command(tmp_path / "verdicts.json"), "--help"]

    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "--verdicts" in done.stdout
