"""`python -m monitoring`: its table, page, JSON and exit codes."""

import argparse
import datetime
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bundle import Bundle, Distribution
from monitoring.__main__ import main
from monitoring.captures.capture_store import FolderCaptureStore
from monitoring.drift_command import add_window_arguments, look_for_drift
from monitoring.outcomes.outcome_report import LiveMetric, OutcomeReport
from serving.predict.predictor import Predictor
from tests.monitoring.captured_calls import captured_call, write_calls
from tests.monitoring.drift.windows import FIELDS, GOLDEN, KINDS, REFERENCE
from tests.tiny_bundle import write_tiny_bundle

ROWS = 600
NOW = datetime.datetime(2026, 2, 14, 9, 30, tzinfo=datetime.UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, below which the page is written."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_bundle(folder: Path, **parts: Any) -> Bundle:
    # The model does not use its first number: each prediction is one half.
    half = {"": Distribution(edges=(0.5, 0.5), shares=(1.0,))}
    reference = msgspec.structs.replace(REFERENCE, predictions=half)
    given = {"fields": FIELDS, "golden": (GOLDEN,), "reference": reference} | parts
    return write_tiny_bundle(folder / "model.tar.gz", weight=0.0, **given)


def capture(folder: Path, bundle: Bundle, *, kinds: dict[str, float], rows: int = ROWS) -> None:
    """Captures the calls of the week before NOW, and a health check."""
    predictor, random = Predictor(bundle), np.random.default_rng(0)
    drawn = random.choice([*kinds], rows, p=[*kinds.values()]).tolist()
    times = [NOW - datetime.timedelta(hours=160 * row / rows) for row in range(rows)]
    calls = [
        captured_call(predictor, {"delay": delay, "kind": kind, "month": int(delay) % 12 + 1}, time=time)
        for delay, kind, time in zip(random.uniform(0, 100, rows).tolist(), drawn, times, strict=True)
    ]
    write_calls(folder / "captures", [*calls, captured_call(predictor, GOLDEN.instance, time=NOW, id="")])


def run(*arguments: str) -> int:
    size = () if "--days" in arguments else ("--newest", "600")
    return main(["captures", "--bundle", "model.tar.gz", *size, *arguments])


def test_a_quiet_week_ends_with_0_and_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture(folder, write_bundle(folder), kinds=KINDS)

    code = run()

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert "The 600 rows are like the training rows." in lines[0]
    assert lines[2].split() == ["field", "values", "index", "quiet", "to", "missing", "in", "training"]
    assert {line.split()[0] for line in lines[3:7]} == {"delay", "kind", "month", "prediction"}
    assert lines[-1] == f"The page is {Path('build/tiny/drift.html')}."
    assert "No drift: tiny" in (folder / "build/tiny/drift.html").read_text()


def test_drift_ends_with_3_and_json_has_the_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture(folder, write_bundle(folder), kinds={"ant": 0.1, "bee": 0.1, "cow": 0.8})

    code = run("--json", "--out", "page.html", "--newest", "500")

    report = json.loads(capsys.readouterr().out)
    assert (code, report["status"], report["window"]["rows"]) == (3, "drift", 500)
    assert report["window"]["calls"]["checks"] == 1
    assert report["fields"][0]["name"] == "kind"
    assert "<figure" in (folder / "page.html").read_text()


def test_few_rows_and_an_old_bundle_end_with_4(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = write_bundle(folder)
    (folder / "captures").mkdir()

    empty = run()
    assert "has no captured rows in this window: set data_capture_percent" in capsys.readouterr().out
    capture(folder, bundle, kinds=KINDS, rows=20)
    few = run()
    assert "The window has 20 rows, and a comparison needs 200" in capsys.readouterr().out
    write_bundle(folder, reference=msgspec.UNSET)
    old = run()

    assert (empty, few, old) == (4, 4, 4)
    assert "does not state what its training saw" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "captures is no folder: name a folder with captured data."),
        (("--left-out", "kinds"), "There is no field 'kinds': the fields are delay, kind, month, note."),
        (("--bundle", "none.tar.gz"), "The bundle none.tar.gz cannot be read"),
    ],
)
def test_what_cannot_be_read_ends_with_1_and_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    write_bundle(folder)

    assert run(*arguments) == 1
    assert capsys.readouterr().err.startswith(sentence)


def test_a_window_of_days_begins_so_many_days_ago_and_the_page_is_opened(folder: Path) -> None:
    bundle = write_bundle(folder)
    capture(folder, bundle, kinds=KINDS)
    parser, opened = argparse.ArgumentParser(), list[str]()
    add_window_arguments(parser)

    code = look_for_drift(
        FolderCaptureStore(folder / "captures"),
        bundle.manifest,
        parser.parse_args(["--days", "3", "--open"]),
        now=lambda: NOW,
        show=opened.append,
    )

    page = folder / "build/tiny/drift.html"
    assert code == 0
    assert "from 2026-02-11 09:30 to 2026-02-14 09:30 UTC" in page.read_text()
    assert opened == [page.as_uri()]


def test_outcomes_worse_than_promised_end_with_3_and_are_on_the_page(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = write_bundle(folder)
    capture(folder, bundle, kinds=KINDS)
    parser = argparse.ArgumentParser()
    add_window_arguments(parser)
    worse = LiveMetric(name="roc_auc", live=0.5, low=0.4, high=0.6, promised=0.9, is_broken=True)
    quality = OutcomeReport(
        model="tiny",
        version="1",
        status="broken",
        sentence="Worse <now>.",
        rows=300,
        days=10,
        metrics=(worse,),
        outcomes=301,
        not_captured=1,
    )

    code = look_for_drift(
        FolderCaptureStore(folder / "captures"),
        bundle.manifest,
        parser.parse_args(["--newest", "600"]),
        outcomes=lambda _: quality,
    )

    page = (folder / "build/tiny/drift.html").read_text()
    assert code == 3
    assert "Outcomes: Worse <now>." in capsys.readouterr().out
    assert "Worse &lt;now&gt;." in page
    assert "<td>0.5</td><td>0.4 to 0.6</td><td>0.9</td><td>worse than promised</td>" in page
    assert "Of 301 outcomes: 1 have no captured request." in page


@pytest.mark.usefixtures("folder")
def test_a_wrong_number_of_days_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("--days", "0")

    assert ended.value.code == 2
    assert "'0' is not a whole number above 0" in capsys.readouterr().err
