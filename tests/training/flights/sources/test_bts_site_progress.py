"""Progress of a download from the BTS's site, and the sentences about its failed tries."""

import io
from pathlib import Path

import pytest

from tests.training.flights.files import read
from tests.training.flights.site import MONTH, Site, downloaded_rows, with_ranges
from training.errors import TrainingError
from training.progress import Progress


class Terminal(io.StringIO):
    """A stream whose isatty() is true."""

    def isatty(self) -> bool:
        return True


def test_every_failed_try_is_shown_before_its_pause(tmp_path: Path) -> None:
    # Given a site that cannot be reached, and a clock that only the pauses move
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
    assert [seconds for seconds, _ in shown] == [0.0, 1.0, 3.0, 7.0, 15.0, 31.0]
    assert [line.partition("; ")[2] for _, line in shown] == [
        "try 2 of 7 in 1 s",
        "try 3 of 7 in 2 s",
        "try 4 of 7 in 4 s",
        "try 5 of 7 in 8 s",
        "try 6 of 7 in 16 s",
        "try 7 of 7 in 32 s",
    ]
    assert all("it is down or this machine is offline" in line for _, line in shown)


def test_progress_is_printed_in_lines_without_a_terminal(tmp_path: Path) -> None:
    lines = io.StringIO()

    downloaded_rows(Site(with_ranges(MONTH)), tmp_path, progress=Progress(lines))

    assert "downloading flights of 2018-01: 0.0 of 0.0 MB\n" in lines.getvalue()
    assert "\r" not in lines.getvalue()


def test_progress_is_a_bar_on_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal()

    downloaded_rows(Site(with_ranges(MONTH)), tmp_path, progress=Progress(terminal))

    assert "flights of 2018-01: 100%|" in terminal.getvalue()
