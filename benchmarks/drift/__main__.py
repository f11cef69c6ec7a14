"""`python -m benchmarks.drift [--evidently ENVIRONMENT]`: quiet weeks and planted shifts, as Markdown.

Each week of the sample of the default model is a window of 2,000 rows, with the predictions of its bundle in
build/. ENVIRONMENT has the packages of benchmarks/drift/requirements.txt: Evidently reads the same windows,
and a reference of rows of all weeks.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.drift.evidently_files import write_reference, write_window
from benchmarks.drift.planted_shifts import PLANTED
from benchmarks.drift.weekly_windows import Shift, WeeklyWindows
from bundle import Bundle, read_archive
from monitoring.drift.window_comparison import compare
from terminal_output import escape_unencodable_output
from training.checks.datasets import read_dataset
from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.model_catalog import load_model

ROOT = Path(__file__).parents[2]
ROWS = 2_000
STABLE = "none"
SHIFTS: dict[str, Shift | None] = {STABLE: None, **PLANTED}
# Evidently takes a second for a window.
EVERY = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one line for each shift: the windows with an alarm, and the fields that raise it."""
    escape_unencodable_output()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument("--evidently", type=Path, help="folder of the environment with Evidently")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of a window (2000)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the samples (1)")
    options = parser.parse_args(arguments)
    name = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["model"]
    bundle = read_archive(ROOT / "build" / name / "model.tar.gz")
    data = read_dataset(load_model(name), DataOptions())
    weeks = WeeklyWindows(bundle, data, rows=options.rows, seed=options.seed)
    print("| planted shift | weeks with an alarm | fields that raise it |")
    print("| --- | ---: | --- |")
    seconds = 0.0
    for title, shift in SHIFTS.items():
        windows = [*weeks.windows(shift)]
        began = time.process_time()
        reports = [compare(bundle.manifest, window) for window in windows]
        seconds += time.process_time() - began
        fields = Counter(field.name for report in reports for field in report.drifted)
        alarms = sum(report.is_alarm for report in reports)
        print(f"| {title} | {alarms} of {len(reports)} | {_counted(fields)} |", flush=True)
    print(f"\n{1_000 * seconds / (len(SHIFTS) * len(weeks)):.0f} ms of processor time a window.")
    if options.evidently:
        _print_evidently(options.evidently, bundle, data, weeks)
    return 0


def _print_evidently(environment: Path, bundle: Bundle, data: Dataset, weeks: WeeklyWindows) -> None:
    titles = {f"{place:02d}": title for place, title in enumerate(SHIFTS)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_reference(folder, bundle, data)
        for mark, title in titles.items():
            for week, window in enumerate(weeks.windows(SHIFTS[title])):
                if title == STABLE or week % EVERY == 0:
                    write_window(folder / f"window-{mark}-{week:02d}.csv", bundle, window)
        command = [environment / "bin" / "python", Path(__file__).with_name("evidently_verdicts.py"), folder]
        done = subprocess.run([*map(str, command)], check=True, capture_output=True, encoding="utf-8")
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    print("\n| planted shift | weeks in which Evidently finds a drifted column | columns |")
    print("| --- | ---: | --- |")
    for mark, title in titles.items():
        verdicts = [columns for window, columns in found.items() if window.startswith(f"window-{mark}")]
        columns = Counter(column for verdict in verdicts for column in verdict)
        print(f"| {title} | {sum(map(bool, verdicts))} of {len(verdicts)} | {_counted(columns)} |")


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in names.most_common())


if __name__ == "__main__":
    sys.exit(main())
