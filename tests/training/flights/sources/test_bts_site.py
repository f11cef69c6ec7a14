import datetime
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import urllib3

from tests.training.flights.files import ROW, read, rows, text
from tests.training.flights.site import (
    Request,
    Site,
    in_pieces,
    monthly_archive,
    serving,
    status,
    with_ranges,
    without_length,
    without_ranges,
)
from training.data.data_options import DataOptions
from training.data.retries import BusyError, Tries
from training.errors import TrainingError
from training.flights.sources import bts_site as site_module
from training.progress import Progress

MONTH = monthly_archive(text([{"flight_number": str(number)} for number in range(200)], "monthly BTS files"))
PATH = "/PREZIP/On_Time_Reporting_Carrier_On_Time_Performance_1987_present_2018_1.zip"
ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def _retry_without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_module, "PAUSES", (0.0,) * 3)


def downloaded_rows(site: Site, cache: Path, months: str = "2018-01", **options: object) -> int:
    with serving(site) as url:
        return len(read(f"bts:{months}", cache, site=url, **options))


def partial_file(cache: Path) -> Path:
    return cache / "bts" / f"{PATH.rpartition('/')[2]}.part"


def test_a_month_is_downloaded_once(tmp_path: Path) -> None:
    site = Site(with_ranges(MONTH))

    with serving(site) as url:
        first, second = (read("bts:2018-01", tmp_path, site=url) for _ in range(2))

    assert site.requests == [(PATH, None)]
    assert rows(first) == rows(second) == 200 * [ROW]
    assert first.name == "US flights of 2018-01, from the BTS"
    assert not partial_file(tmp_path).exists()


def test_a_year_is_downloaded_as_twelve_months(tmp_path: Path) -> None:
    def answer(request: Request) -> None:
        month = request.path.removesuffix(".zip").rpartition("_")[2]
        date = f"2018-{int(month):02d}-28"
        with_ranges(monthly_archive(text([{"flight_date": date}], "monthly BTS files")))(request)

    with serving(Site(answer)) as url:
        found = read("bts:2018", tmp_path, site=url)

    assert len(found) == 12
    assert found.period == ("2018-01-28", "2018-12-28")
    assert found.name == "US flights of 2018-01 to 2018-12, from the BTS"


@pytest.mark.parametrize(
    ("answers", "ranges"),
    [
        ([in_pieces(MONTH, pieces=20)], [None]),
        ([status(503), status(503), with_ranges(MONTH)], [None, None, None]),
        ([with_ranges(MONTH, size=1_000), with_ranges(MONTH)], [None, "bytes=1000-"]),
        (
            [with_ranges(MONTH, size=1_000), status(503), with_ranges(MONTH)],
            [None, "bytes=1000-", "bytes=1000-"],
        ),
        ([with_ranges(MONTH, size=1_000), without_ranges(MONTH)], [None, "bytes=1000-"]),
        ([with_ranges(MONTH, size=1_000)] * 8 + [with_ranges(MONTH)], None),
    ],
    ids=["slow", "busy", "interrupted", "interrupted and busy", "no ranges", "interrupted often"],
)
def test_a_month_is_downloaded_despite_slow_busy_and_interrupted_connections(
    answers: list[Callable[[Request], None]], ranges: list[str | None] | None, tmp_path: Path
) -> None:
    site = Site(*answers)

    assert downloaded_rows(site, tmp_path) == 200
    assert ranges in (None, [range_ for _, range_ in site.requests])


def test_a_partial_download_of_another_version_is_downloaded_again(tmp_path: Path) -> None:
    partial_file(tmp_path).parent.mkdir()
    partial_file(tmp_path).write_bytes(b"PK\x03\x04" + bytes(1_000))
    site = Site(with_ranges(MONTH))

    assert downloaded_rows(site, tmp_path) == 200
    assert [range_ for _, range_ in site.requests] == ["bytes=1004-", None]


def test_a_partial_file_with_the_complete_archive_is_used(tmp_path: Path) -> None:
    partial_file(tmp_path).parent.mkdir()
    partial_file(tmp_path).write_bytes(MONTH)

    assert downloaded_rows(Site(status(416)), tmp_path) == 200


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (status(404), r"has no flights of 2018-01 \(404 at http://.*2018_1\.zip\)"),
        (status(403), r"refuses the flights of 2018-01 with status 403"),
        (status(503), r"2018_1\.zip cannot be downloaded \(it answered with status 503\)"),
        (
            status(200, b"<html>We are down</html>"),
            r"For flights of 2018-01 the site answered with text/html instead of a zip archive",
        ),
        (with_ranges(MONTH, size=0), r"cannot be downloaded \(.*\): the partial download is kept"),
        (without_length(MONTH[:-1_000]), r"The download from .* is truncated or damaged"),
        (
            with_ranges(monthly_archive(text([{}]))),
            r"has no column FlightDate .*: the site has changed its layout",
        ),
        (
            with_ranges(monthly_archive(text([{}], "monthly BTS files").replace("ArrDelay", "Late"))),
            "no column ArrDelay:",
        ),
    ],
    ids=[
        "not found",
        "forbidden",
        "busy",
        "page",
        "interrupted",
        "truncated",
        "other columns",
        "missing column",
    ],
)
def test_a_failed_download_is_refused_in_one_sentence_and_leaves_no_file(
    answer: Callable[[Request], None], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=sentence) as refusal:
        downloaded_rows(Site(answer), tmp_path)

    assert "\n" not in str(refusal.value)
    assert list((tmp_path / "bts").iterdir()) == []


def test_a_monthly_file_of_the_old_layout_is_downloaded(tmp_path: Path) -> None:
    old = monthly_archive(text([{}], "monthly BTS files before August 2018"))

    assert downloaded_rows(Site(with_ranges(old)), tmp_path) == 1


@pytest.mark.parametrize(
    ("month", "sentence"),
    [
        ("1987-09", "There are no flights of 1987-09: the BTS's files begin with 1987-10"),
        ("1987-10", "published long ago, so the site has moved the file or lost it for now"),
        ("2018-01", "published long ago"),
        ("2026-08", "a month is published about two months after its end"),
        ("2026-11", "a month is published about two months after its end"),
        ("2026-12", "the month has not begun"),
    ],
)
def test_a_missing_month_is_refused_with_the_reason_that_is_true_for_it(
    month: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=sentence):
        downloaded_rows(Site(status(404)), tmp_path, month, today=lambda: datetime.date(2026, 11, 27))


def test_every_failed_try_is_shown_before_its_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a site that cannot be reached, and a clock that only the pauses move
    monkeypatch.setattr(site_module, "PAUSES", (1.0, 2.0, 4.0))
    lines, clock = io.StringIO(), [0.0]
    shown: list[tuple[float, str]] = []

    def sleep(seconds: float) -> None:
        shown.append((clock[0], lines.getvalue().splitlines()[-1]))
        clock[0] += seconds

    # When a month is downloaded
    with pytest.raises(
        TrainingError, match=r"cannot be downloaded \(it cannot be reached.*check the network"
    ):
        read("bts:2018-01", tmp_path, site="http://127.0.0.1:9", progress=Progress(lines), sleep=sleep)

    # Then the first sentence comes at once, and each try has its own
    assert "asking 127.0.0.1:9 for the flights of 2018-01" in lines.getvalue()
    assert [seconds for seconds, _ in shown] == [0.0, 1.0, 3.0]
    assert [line.partition("; ")[2] for _, line in shown] == [
        "try 2 of 4 in 1 s",
        "try 3 of 4 in 2 s",
        "try 4 of 4 in 4 s",
    ]
    assert all("it is down or this machine is offline" in line for _, line in shown)


def test_the_first_sentence_about_a_silent_site_comes_within_ten_seconds() -> None:
    tries = Tries("http://127.0.0.1:9/a.zip", DataOptions(sleep=lambda _: None), site_module.PAUSES)

    first = tries.timeout
    tries.failed(urllib3.exceptions.HTTPError("silent"))

    # connect and read are at most so long, and a slow site is awaited longer from then on
    assert first.connect_timeout in range(1, 11)
    assert first.read_timeout in range(1, 11)
    assert tries.timeout.read_timeout == 60


@pytest.mark.parametrize(("header", "pause"), [("7", 7.0), ("9999", 64.0), (None, 1.0)])
def test_the_pause_that_a_busy_site_asks_for_is_kept_to_a_limit(header: str | None, pause: float) -> None:
    pauses: list[float] = []
    tries = Tries("http://127.0.0.1:9/a.zip", DataOptions(sleep=pauses.append), (1.0,))

    tries.failed(BusyError(503, header))

    assert pauses == [pause]


def test_an_archive_of_another_month_is_refused_and_deleted(tmp_path: Path) -> None:
    site = Site(with_ranges(monthly_archive(text([{"flight_date": "2018-02-01"}], "monthly BTS files"))))

    with pytest.raises(TrainingError, match=r"should have the flights of 2018-01 but has those of 2018-02"):
        downloaded_rows(site, tmp_path)

    assert list((tmp_path / "bts").iterdir()) == []


def test_a_month_that_another_process_downloads_is_refused(tmp_path: Path) -> None:
    def answer(request: Request) -> None:
        with pytest.raises(TrainingError, match="Another process is downloading") as refusal:
            read("bts:2018-01", tmp_path, site="http://127.0.0.1:9")
        refusals.append(refusal)
        with_ranges(MONTH)(request)

    refusals: list[object] = []

    assert downloaded_rows(Site(answer), tmp_path) == 200
    assert len(refusals) == 1


def test_progress_is_printed_in_lines_without_a_terminal(tmp_path: Path) -> None:
    lines = io.StringIO()

    downloaded_rows(Site(with_ranges(MONTH)), tmp_path, progress=Progress(lines))

    assert "downloading flights of 2018-01: 0.0 of 0.0 MB\n" in lines.getvalue()
    assert "\r" not in lines.getvalue()


class Terminal(io.StringIO):
    """A stream whose isatty() is true."""

    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal()

    downloaded_rows(Site(with_ranges(MONTH)), tmp_path, progress=Progress(terminal))

    assert "flights of 2018-01: 100%|" in terminal.getvalue()


INTERRUPTED = """
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.training.flights.files import read
from training.progress import Progress

class PrintedProgress(Progress):
    @contextmanager
    def transfer(self, *_):
        yield lambda size: print(size, flush=True)

read("bts:2018-01", Path(sys.argv[1]), site=sys.argv[2], progress=PrintedProgress())
"""


def test_a_download_continues_after_an_interrupt(tmp_path: Path) -> None:
    # Given a site that stops in the middle of the file
    done = threading.Event()

    def stop_midway(request: Request) -> None:
        with_ranges(MONTH, size=1_000)(request)
        request.wfile.flush()
        done.wait(60)

    site = Site(stop_midway, with_ranges(MONTH))
    with serving(site) as url:
        # When the user interrupts the download
        with subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, str(tmp_path), url],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None
            received = 0
            while received < 1_000:
                received += int(process.stdout.readline())
            assert partial_file(tmp_path).stat().st_size == received == 1_000
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            done.set()

        # Then the next download requests the rest
        assert len(read("bts:2018-01", tmp_path, site=url)) == 200

    assert [range_ for _, range_ in site.requests] == [None, "bytes=1000-"]
