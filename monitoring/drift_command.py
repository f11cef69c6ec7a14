"""Steps of a command that looks for drift: reads a window, prints a table, writes the page."""

import argparse
import datetime
import sys
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path

from bundle import Manifest
from monitoring import WINDOW_DAYS
from monitoring.captures.capture_store import CapturesError, CaptureStore
from monitoring.captures.window_reader import read_window
from monitoring.drift.drift_report import DriftReport
from monitoring.drift.field_comparison import percent
from monitoring.drift.window_comparison import compare
from monitoring.outcomes.outcome_report import OutcomeReport
from monitoring.outcomes.outcome_section import outcome_section
from monitoring.page.drift_page import drift_page

QUIET, UNREADABLE, WRONG_ARGUMENTS, DRIFT, NO_VERDICT = 0, 1, 2, 3, 4
DRIFT_EXIT_CODES = (
    f"Exit codes: {QUIET} quiet, {UNREADABLE} the captured data, the stack or the bundle cannot be read, "
    f"{WRONG_ARGUMENTS} wrong arguments, {DRIFT} drift, or outcomes worse than promised, {NO_VERDICT} no "
    "verdict: too few rows, or a bundle without reference."
)


def add_window_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the window and of the outputs to a parser."""
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--days",
        type=_above_zero,
        default=WINDOW_DAYS,
        metavar="NUMBER",
        help=f"requests of the last so many days ({WINDOW_DAYS})",
    )
    size.add_argument(
        "--newest",
        type=_above_zero,
        metavar="ROWS",
        help="the newest so many rows instead, such as 2000",
    )
    parser.add_argument(
        "--left-out",
        action="append",
        default=[],
        metavar="FIELD",
        help="a field that clients leave out, so that its absence is no drift; once for each",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="the page (build/<model>/drift.html)")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def look_for_drift(
    store: CaptureStore,
    manifest: Manifest,
    arguments: argparse.Namespace,
    *,
    outcomes: Callable[[Manifest], OutcomeReport] | None = None,
    now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
    show: Callable[[str], object] = webbrowser.open,
) -> int:
    """Compares a window with the reference of a model, prints the result and writes the page.

    Args:
        store: Place of the captured data.
        manifest: Manifest of the model.
        arguments: Values of `add_window_arguments`.
        outcomes: Returns the report of outcomes; None where there are none.
        now: Returns the time.
        show: Opens the URL of the page.

    Returns:
        The exit code.
    """
    names = {field.name for field in manifest.fields}
    if unknown := [name for name in arguments.left_out if name not in names]:
        return _failed(f"There is no field {unknown[0]!r}: the fields are {', '.join(sorted(names))}.")
    start = None if arguments.newest else now() - datetime.timedelta(days=arguments.days)
    page = arguments.out or Path("build", manifest.name, "drift.html")
    try:
        window = read_window(store, manifest, start=start, newest=arguments.newest)
        report = compare(manifest, window, left_out=arguments.left_out)
        quality = outcomes(manifest) if outcomes else None
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(drift_page(report, outcomes=_section(quality)), encoding="utf-8")
    except CapturesError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"The page {page} cannot be written ({error.strerror}): name another with --out.")
    if arguments.json:
        print(report.encode().decode())
    else:
        print(summary(report))
        if not window.size:
            print(f"{store.url} has no captured rows in this window: set data_capture_percent, and deploy.")
        _print_outcomes(quality)
        print(f"The page is {page}.")
    if arguments.open:
        show(page.resolve().as_uri())
    return _exit_code(report, quality)


def _section(quality: OutcomeReport | None) -> str:
    return outcome_section(quality) if quality else ""


def _print_outcomes(quality: OutcomeReport | None) -> None:
    if quality and (quality.outcomes or quality.bad):
        print(f"Outcomes: {quality.sentence}")


def _exit_code(report: DriftReport, quality: OutcomeReport | None) -> int:
    if quality and quality.is_alarm:
        return DRIFT
    return {"quiet": QUIET, "drift": DRIFT}.get(report.status, NO_VERDICT)


def summary(report: DriftReport) -> str:
    """Returns the result as text: a sentence, a table, and a sentence for each difference."""
    rows = [
        (
            field.name,
            f"{field.rows:,}",
            f"{field.distance:.3f}" if field.allowed else "",
            f"{field.allowed:.2f}" if field.allowed else "",
            percent(field.missing),
            percent(field.missing_reference),
            "drift" if field.severity else "",
        )
        for field in report.fields
    ]
    parts = [f"{report.model} {report.version}: {report.sentence}"]
    if rows:
        parts += ["", _table([("field", "values", "index", "quiet to", "missing", "in training", ""), *rows])]
    findings = [finding.sentence for field in report.fields for finding in field.findings]
    return "\n".join([*parts, *([""] if findings else []), *findings])


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place in (0, len(row) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _above_zero(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")


def _failed(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return UNREADABLE
