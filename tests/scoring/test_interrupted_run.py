"""An interrupted run goes on from its finished parts; a changed input or model starts anew."""

import dataclasses
import gzip
import io
from pathlib import Path

import msgspec
import pytest

from scoring.answer_columns import AnswerOptions
from scoring.errors import ScoringError
from scoring.inputs import csv_file_rows
from scoring.progress_display import RowProgress
from scoring.scoring_run import ScoringJob, score
from tests.tiny_bundle import write_tiny_bundle

ROWS = "size,note\n" + "".join(f"{number % 150},{'x' * 50} {number}\n" for number in range(600))


class Stopping(RowProgress):
    """Interrupts the run after so many parts."""

    def __init__(self, parts: int) -> None:
        super().__init__(None)
        self._parts = parts

    def show(self, rows: int, share: float) -> None:
        del rows, share
        self._parts -= 1
        if not self._parts:
            raise KeyboardInterrupt


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScoringJob:
    # Parts of some rows, so that a small file has several.
    monkeypatch.setattr(csv_file_rows, "_BLOCK_BYTES", (4_096, 4_096))
    (tmp_path / "rows.csv").write_text(ROWS)
    return ScoringJob(
        sources=(str(tmp_path / "rows.csv"),),
        out=tmp_path / "out.parquet",
        bundle=write_tiny_bundle(tmp_path / "model.tar.gz"),
        options=AnswerOptions(),
        cache=tmp_path,
    )


def interrupt(job: ScoringJob, parts: int = 3) -> None:
    with pytest.raises(KeyboardInterrupt):
        score(job, Stopping(parts))
    assert not job.out.exists()


def finish(job: ScoringJob) -> tuple[str, bytes, bytes]:
    """Runs to the end; returns what it says, the output and the refused rows."""
    said = io.StringIO()
    score(job, RowProgress(said))
    assert not job.out.with_name(".out.parquet.parts").exists()
    return said.getvalue(), job.out.read_bytes(), job.out.with_name("out.parquet.refused.csv").read_bytes()


def test_an_interrupted_run_goes_on_and_ends_with_the_same_bytes(job: ScoringJob) -> None:
    _, whole, refused = finish(job)
    job.out.unlink()
    interrupt(job)
    finished = {p: p.stat().st_mtime_ns for p in job.out.with_name(".out.parquet.parts").glob("*.rows")}

    said, again, refused_again = finish(job)

    assert len(finished) >= 3
    assert "Going on after" in said
    assert (again, refused_again) == (whole, refused)
    assert refused.count(b"\n") == 1 + sum(number % 150 > 100 for number in range(600))


def test_finished_parts_are_not_scored_again(job: ScoringJob) -> None:
    interrupt(job)
    counts = job.out.with_name(".out.parquet.parts") / "000000.json"
    found = msgspec.json.decode(counts.read_bytes())
    found["counts"]["rows"] += 1_000
    counts.write_bytes(msgspec.json.encode(found))

    summary = score(job, RowProgress(None))

    assert summary.rows == 600 + 1_000


@pytest.mark.parametrize("what", ["input", "model", "options"])
def test_a_change_starts_anew_and_says_so(job: ScoringJob, tmp_path: Path, what: str) -> None:
    interrupt(job)
    bundle, options = job.bundle, job.options
    if what == "input":
        (tmp_path / "rows.csv").write_text(f"{ROWS}1,last\n")
    elif what == "model":
        bundle = write_tiny_bundle(tmp_path / "model.tar.gz", weight=2.0)
    else:
        options = AnswerOptions(prefix="new_")
    changed = ScoringJob(sources=job.sources, out=job.out, bundle=bundle, options=options, cache=job.cache)

    said, found, _ = finish(changed)

    assert f"The {what} changed since the interrupted run: all rows are scored anew." in said
    job.out.unlink()
    assert finish(changed)[1] == found


@pytest.mark.parametrize("content", [b"", None])
def test_parts_of_which_nobody_knows_the_model_are_scored_anew(
    job: ScoringJob, tmp_path: Path, content: bytes | None
) -> None:
    interrupt(job)
    record = job.out.with_name(".out.parquet.parts") / "run.json"
    record.unlink() if content is None else record.write_bytes(content)
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz", weight=2.0)
    changed = dataclasses.replace(job, bundle=bundle)

    said, found, _ = finish(changed)

    assert "It is not known which input and model the interrupted run had: all rows are scored anew." in said
    job.out.unlink()
    assert finish(changed)[1] == found


@pytest.mark.parametrize("is_emptied", [False, True])
def test_a_part_that_a_power_failure_damaged_is_scored_again(job: ScoringJob, is_emptied: bool) -> None:
    _, whole, refused = finish(job)
    job.out.unlink()
    interrupt(job)
    rows = job.out.with_name(".out.parquet.parts") / "000001.rows"
    rows.write_bytes(b"") if is_emptied else rows.unlink()

    assert finish(job)[1:] == (whole, refused)


def test_a_compressed_input_is_scored_anew_with_another_model(job: ScoringJob, tmp_path: Path) -> None:
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(ROWS.encode()))
    packed = dataclasses.replace(job, sources=(str(tmp_path / "rows.csv.gz"),))
    interrupt(packed)
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz", weight=2.0)

    said, *_ = finish(dataclasses.replace(packed, bundle=bundle))

    assert "The model changed since the interrupted run" in said


def test_the_time_left_is_that_of_the_rows_of_this_run() -> None:
    said, now = io.StringIO(), 0.0
    progress = RowProgress(said, lambda: now)
    now = 20.0
    progress.kept(50, 0.5)
    now = 30.0

    progress.show(60, 0.6)

    assert said.getvalue() == "60 rows, 1 rows/s, 40 s left\n"


def test_a_file_that_grows_while_it_is_scored_is_no_output(job: ScoringJob) -> None:
    class Growing(RowProgress):
        def show(self, rows: int, share: float) -> None:
            del rows, share
            with Path(job.sources[0]).open("a", encoding="utf-8") as file:
                file.write("1,more\n")

    with pytest.raises(ScoringError, match="changed while it was scored"):
        score(job, Growing(None))

    assert not job.out.exists()
