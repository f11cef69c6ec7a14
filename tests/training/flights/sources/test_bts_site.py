import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.flights.files import ROW, read, rows, text
from tests.training.flights.site import (
    Request,
    Site,
    in_drops,
    monthly,
    serving,
    status,
    whole,
    without_length,
    without_ranges,
)
from training.errors import TrainingError
from training.flights.sources import bts_site as site_module
from training.progress import Progress

MONTH = monthly(text([{"flight_number": str(number)} for number in range(200)], "monthly BTS files"))
PATH = "/PREZIP/On_Time_Reporting_Carrier_On_Time_Performance_1987_present_2018_1.zip"
ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_module, "RETRY", site_module.RETRY.new(total=3, backoff_factor=0))


def fetched(site: Site, cache: Path, months: str = "2018-01", **asked: object) -> int:
    with serving(site) as url:
        return len(read(f"bts:{months}", cache, site=url, **asked))


def part(cache: Path) -> Path:
    return cache / "bts" / f"{PATH.rpartition('/')[2]}.part"


def test_a_month_is_in_s3_once_and_read(tmp_path: Path) -> None:
    site = Site(whole(MONTH))

    with serving(site) as url:
        first, second = (read("bts:2018-01", tmp_path, site=url) for _ in range(2))

    assert site.asked == [(PATH, None)]
    assert rows(first) == rows(second) == 200 * [ROW]
    assert first.name == "US flights of 2018-01, from the BTS"
    assert not part(tmp_path).exists()


def test_a_year_is_twelve_months(tmp_path: Path) -> None:
    def answer(request: Request) -> None:
        month = request.path.removesuffix(".zip").rpartition("_")[2]
        date = f"2018-{int(month):02d}-28"
        whole(monthly(text([{"flight_date": date}], "monthly BTS files")))(request)

    with serving(Site(answer)) as url:
        found = read("bts:2018", tmp_path, site=url)

    assert len(found) == 12
    assert found.period == ("2018-01-28", "2018-12-28")
    assert found.name == "US flights of 2018-01 to 2018-12, from the BTS"


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ([in_drops(MONTH, pieces=20)], [None]),
        ([status(503), status(503), whole(MONTH)], [None, None, None]),
        ([whole(MONTH, size=1_000), whole(MONTH)], [None, "bytes=1000-"]),
        ([whole(MONTH, size=1_000), status(503), whole(MONTH)], [None, "bytes=1000-", "bytes=1000-"]),
        ([whole(MONTH, size=1_000), without_ranges(MONTH)], [None, "bytes=1000-"]),
        ([whole(MONTH, size=1_000)] * 8 + [whole(MONTH)], None),
    ],
    ids=["slow", "busy", "breaks off", "breaks off and is busy", "knows no ranges", "breaks off often"],
)
def test_a_site_on_a_bad_day_gives_the_month_in_the_end(
    answers: list[Callable[[Request], None]], asked: list[str | None] | None, tmp_path: Path
) -> None:
    site = Site(*answers)

    assert fetched(site, tmp_path) == 200
    assert asked in (None, [range_ for _, range_ in site.asked])


def test_what_was_left_of_another_version_is_in_s3_anew(tmp_path: Path) -> None:
    part(tmp_path).parent.mkdir()
    part(tmp_path).write_bytes(b"PK\x03\x04" + bytes(1_000))
    site = Site(whole(MONTH))

    assert fetched(site, tmp_path) == 200
    assert [range_ for _, range_ in site.asked] == ["bytes=1004-", None]


def test_what_was_left_and_is_whole_already_is_taken(tmp_path: Path) -> None:
    part(tmp_path).parent.mkdir()
    part(tmp_path).write_bytes(MONTH)

    assert fetched(Site(status(416)), tmp_path) == 200


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (status(404), r"has no flights of 2018-01 \(404 at http://.*2018_1\.zip\)"),
        (status(403), r"refuses the flights of 2018-01 with status 403"),
        (status(503), r"2018_1\.zip cannot be downloaded \(too many 503 error responses\)"),
        (
            status(200, b"<html>We are down</html>"),
            r"For flights of 2018-01 the site answered with text/html instead of a zip archive",
        ),
        (whole(MONTH, size=0), r"cannot be downloaded \(.*\): the partial download is kept"),
        (without_length(MONTH[:-1_000]), r"The download from .* is truncated or damaged"),
        (whole(monthly(text([{}]))), r"has no column FlightDate .*: the site has changed its layout"),
        (
            whole(monthly(text([{}], "monthly BTS files").replace("ArrDelay", "Late"))),
            "no column ArrDelay:",
        ),
    ],
    ids=["not there", "forbidden", "busy", "a page", "breaks off", "cut", "other columns", "a column less"],
)
def test_what_cannot_be_had_is_said_in_one_sentence_and_not_kept(
    answer: Callable[[Request], None], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=sentence) as refusal:
        fetched(Site(answer), tmp_path)

    assert "\n" not in str(refusal.value)
    assert list((tmp_path / "bts").iterdir()) == []


def test_the_flights_of_another_month_are_refused_and_forgotten(tmp_path: Path) -> None:
    site = Site(whole(monthly(text([{"flight_date": "2018-02-01"}], "monthly BTS files"))))

    with pytest.raises(TrainingError, match=r"should have the flights of 2018-01 but has those of 2018-02"):
        fetched(site, tmp_path)

    assert list((tmp_path / "bts").iterdir()) == []


def test_a_month_that_another_process_is_fetching_is_left_to_it(tmp_path: Path) -> None:
    def answer(request: Request) -> None:
        with pytest.raises(TrainingError, match="Another process is downloading") as refusal:
            read("bts:2018-01", tmp_path, site="http://127.0.0.1:9")
        refusals.append(refusal)
        whole(MONTH)(request)

    refusals: list[object] = []

    assert fetched(Site(answer), tmp_path) == 200
    assert len(refusals) == 1


def test_how_far_it_is_is_said_in_lines_where_there_is_no_terminal(tmp_path: Path) -> None:
    lines = io.StringIO()

    fetched(Site(whole(MONTH)), tmp_path, progress=Progress(lines))

    assert "downloading flights of 2018-01: 0.0 of 0.0 MB\n" in lines.getvalue()
    assert "\r" not in lines.getvalue()


class Terminal(io.StringIO):
    """A stream that takes itself for a terminal."""

    def isatty(self) -> bool:
        return True


def test_how_far_it_is_is_a_bar_on_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal()

    fetched(Site(whole(MONTH)), tmp_path, progress=Progress(terminal))

    assert "flights of 2018-01: 100%|" in terminal.getvalue()


INTERRUPTED = """
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.training.flights.files import read
from training.progress import Progress

class Printed(Progress):
    @contextmanager
    def transfer(self, *_):
        yield lambda size: print(size, flush=True)

read("bts:2018-01", Path(sys.argv[1]), site=sys.argv[2], progress=Printed())
"""


def test_what_had_come_when_the_user_stopped_it_is_gone_on_from(tmp_path: Path) -> None:
    # Given a site that stops in the middle of the file
    done = threading.Event()

    def stuck(request: Request) -> None:
        whole(MONTH, size=1_000)(request)
        request.wfile.flush()
        done.wait(60)

    site = Site(stuck, whole(MONTH))
    with serving(site) as url:
        # When the user stops it
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
            assert part(tmp_path).stat().st_size == received == 1_000
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            done.set()

        # Then the next one asks for the rest
        assert len(read("bts:2018-01", tmp_path, site=url)) == 200

    assert [range_ for _, range_ in site.asked] == [None, "bytes=1000-"]
