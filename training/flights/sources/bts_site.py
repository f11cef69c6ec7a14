"""Downloads monthly files of all US flights from the Bureau of Transportation Statistics, each once.

Source: https://transtats.bts.gov, "Reporting Carrier On-Time Performance (1987-present)", PREZIP.
"""

import fcntl
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, IncompleteRead

from training.data.data_options import DataOptions
from training.data.file_format import read_format
from training.data.retries import BUSY, REDIRECTS, BusyError, Tries, cause_of
from training.errors import TrainingError
from training.flights.sources.dialect import MONTHLY_FILES, known_columns
from training.flights.sources.months import Month
from training.flights.sources.unpacking import csv_members, unpacked

FILE = "On_Time_Reporting_Carrier_On_Time_Performance_1987_present_{0.year}_{0.month}.zip"
ZIP_MAGIC = b"PK\x03\x04"
NOT_FOUND, RANGE_NOT_SATISFIABLE, PARTIAL_CONTENT = 404, 416, 206

# The site is often down for a minute.
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
FIRST_MONTH = Month(1987, 10)
MONTHS_TO_PUBLISH = 3
_CHUNK = 1 << 18


def fetch_month(month: Month, options: DataOptions) -> Path:
    """Downloads the month's file into the cache unless it is there; resumes a partial download.

    Raises:
        TrainingError: When the site is down or has no such file, or its file is damaged or has a new layout.
    """
    path = options.cache / "bts" / FILE.format(month)
    if path.exists():
        options.progress.step(f"flights of {month}: in the cache")
        return path
    if month < FIRST_MONTH:
        raise TrainingError(f"There are no flights of {month}: the BTS's files begin with {FIRST_MONTH}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    url = f"{options.site.rstrip('/')}/{path.name}"
    with _locked(part) as target:
        resumed = _fill(target, url, month, options)
        if resumed and not _is_intact(part):
            # The partial download was of another version of the file.
            target.truncate(0)
            _fill(target, url, month, options)
        try:
            _check(part, url, options.cache)
        except TrainingError:
            target.truncate(0)
            raise
        part.replace(path)
    return path


@contextmanager
def _locked(part: Path) -> Iterator[BinaryIO]:
    with part.open("ab") as target:
        try:
            fcntl.flock(target, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TrainingError(
                f"Another process is downloading {part.stem}: wait until it has finished."
            ) from error
        try:
            yield target
        finally:
            if not target.seek(0, 2):
                part.unlink()


def _fill(target: BinaryIO, url: str, month: Month, options: DataOptions) -> bool:
    """Appends the missing bytes of the file; true if there was a partial download before."""
    start, tries = target.seek(0, 2), Tries(url, options, PAUSES)
    options.progress.step(f"asking {urlsplit(url).netloc} for the flights of {month}")
    while True:
        before = target.tell()
        try:
            _append(tries, target, url, month, options)
        except HTTPError as error:
            # Tries are counted anew after each progress, however small.
            if target.tell() > before:
                tries.restart()
            _try_again(tries, url, error)
        else:
            return start > 0


def _try_again(tries: Tries, url: str, error: HTTPError) -> None:
    try:
        tries.failed(error)
    except HTTPError as last:
        raise TrainingError(
            f"{url} cannot be downloaded ({cause_of(last)}): the partial download is kept; check the "
            "network, and run the command again later."
        ) from last


def _append(tries: Tries, target: BinaryIO, url: str, month: Month, options: DataOptions) -> None:
    start, what = target.tell(), f"flights of {month}"
    headers = {"Range": f"bytes={start}-"} if start else {}
    with (
        urllib3.PoolManager(timeout=tries.timeout, retries=REDIRECTS) as pool,
        pool.request("GET", url, headers=headers, preload_content=False) as response,
    ):
        if response.status == RANGE_NOT_SATISFIABLE:
            return
        if response.status == NOT_FOUND:
            raise TrainingError(f"The site has no {what} (404 at {url}): {_why_not(month, options)}.")
        if response.status in BUSY:
            raise BusyError(response.status, response.headers.get("Retry-After"))
        if response.status not in (200, PARTIAL_CONTENT):
            raise TrainingError(
                f"The site refuses the {what} with status {response.status} at {url}: try again later."
            )
        if not _resumes(response, start):
            target.truncate(0)
        _copy(response, target, what, options)


def _why_not(month: Month, options: DataOptions) -> str:
    """Returns why the site has no file of the month, as far as the date says."""
    today = options.today()
    age = (today.year - month.year) * 12 + today.month - month.month
    if age < 0:
        return "the month has not begun"
    if age <= MONTHS_TO_PUBLISH:
        return "a month is published about two months after its end"
    return (
        "the month was published long ago, so the site has moved the file or lost it for now; try again "
        "later, or download the file yourself and give its path"
    )


def _resumes(response: urllib3.BaseHTTPResponse, start: int) -> bool:
    is_rest = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
    return start > 0 and response.status == PARTIAL_CONTENT and is_rest


def _copy(response: urllib3.BaseHTTPResponse, target: BinaryIO, what: str, options: DataOptions) -> None:
    start = target.seek(0, 2)
    length = response.headers.get("Content-Length")
    total = start + int(length) if length else None
    with options.progress.transfer(what, start, total) as advance:
        # read1 returns what has arrived; read would lose a partial chunk when the connection breaks.
        while chunk := response.read1(_CHUNK):
            if target.tell() == 0 and not chunk.startswith(ZIP_MAGIC):
                kind = response.headers.get("Content-Type", "something else")
                raise TrainingError(
                    f"For {what} the site answered with {kind} instead of a zip archive: it is down or "
                    "has moved the file; try again later."
                )
            target.write(chunk)
            target.flush()
            advance(len(chunk))
    if total and target.tell() < total:
        raise IncompleteRead(target.tell() - start, total - target.tell())


def _is_intact(part: Path) -> bool:
    try:
        with zipfile.ZipFile(part) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, OSError):
        return False


def _check(part: Path, url: str, cache: Path) -> None:
    if not _is_intact(part):
        raise TrainingError(f"The download from {url} is truncated or damaged: try again later.")
    with unpacked(part, csv_members(part)[0], cache) as plain:
        header = read_format(plain, url, known_columns).header
        missing = min((dialect.missing(header) for dialect in MONTHLY_FILES), key=len)
    if missing:
        raise TrainingError(
            f"The file at {url} has no column {' and no '.join(missing)}: the site has changed its layout."
        )
