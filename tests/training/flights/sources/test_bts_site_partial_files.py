"""Partial downloads from the BTS's site: resumed, used or downloaded again."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.training.flights.files import read
from tests.training.flights.site import (
    MONTH,
    Request,
    Site,
    downloaded_rows,
    partial_file,
    serving,
    status,
    with_ranges,
)

ROOT = Path(__file__).parents[4]

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
