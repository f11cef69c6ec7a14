"""Monthly files of all US flights, fetched once from the Bureau of Transportation Statistics.

Source: https://transtats.bts.gov, "Reporting Carrier On-Time Performance (1987-present)", PREZIP.
"""

import fcntl
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import urllib3
from urllib3.exceptions import HTTPError, IncompleteRead, MaxRetryError
from urllib3.util import Retry, Timeout

from training.data.request import DataRequest
from training.errors import TrainingError
from training.flights.dialect import PREZIP, header_of
from training.flights.sources.months import Month
from training.flights.sources.unpacking import members, unpacked

FILE = "On_Time_Reporting_Carrier_On_Time_Performance_1987_present_{0.year}_{0.month}.zip"
ZIP_MAGIC = b"PK\x03\x04"
NOT_THERE, RANGE_REFUSED, PARTIAL = 404, 416, 206

# The site is often down for a minute: six tries, 2 to 64 seconds apart.
RETRY = Retry(
    total=6,
    backoff_factor=1,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=("GET",),
    raise_on_status=True,
)
TIMEOUT = Timeout(connect=15, read=60)
_CHUNK = 1 << 18


def fetched(month: Month, request: DataRequest) -> Path:
    """The month's file in the cache, fetched if it is not there; what was fetched of it before is kept.

    Raises:
        TrainingError: When the site has no such file, or nothing whole and right can be had from it.
    """
    path = request.cache / "bts" / FILE.format(month)
    if path.exists():
        request.progress.step(f"flights of {month}: in the cache")
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    url = f"{request.site.rstrip('/')}/{path.name}"
    with _only_here(part) as target:
        resumed = _fill(target, url, f"flights of {month}", request)
        if resumed and not _is_whole(part):
            # Its beginning was of another version of the file.
            target.truncate(0)
            _fill(target, url, f"flights of {month}", request)
        try:
            _check(part, url, request.cache)
        except TrainingError:
            target.truncate(0)
            raise
        part.replace(path)
    return path


@contextmanager
def _only_here(part: Path) -> Iterator[BinaryIO]:
    with part.open("ab") as target:
        try:
            fcntl.flock(target, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TrainingError(
                f"Another process is fetching {part.stem} just now: wait until it is done."
            ) from error
        try:
            yield target
        finally:
            if not target.seek(0, 2):
                part.unlink()


def _fill(target: BinaryIO, url: str, what: str, request: DataRequest) -> bool:
    """Appends what is missing of the file; true if something was there before."""
    start, retry = target.seek(0, 2), RETRY
    with urllib3.PoolManager(timeout=TIMEOUT) as pool:
        while True:
            before = target.tell()
            try:
                _append(pool, target, url, what, request)
            except MaxRetryError as error:
                raise _given_up(url, error.reason or error) from error
            except HTTPError as error:
                # Whoever gets on, however slowly, is not given up.
                retry = _next_try(RETRY if target.tell() > before else retry, url, error)
            else:
                return start > 0


def _append(pool: urllib3.PoolManager, target: BinaryIO, url: str, what: str, request: DataRequest) -> None:
    start = target.tell()
    headers = {"Range": f"bytes={start}-"} if start else {}
    response = pool.request("GET", url, headers=headers, preload_content=False, retries=RETRY)
    try:
        if response.status == RANGE_REFUSED:
            return
        if response.status == NOT_THERE:
            raise TrainingError(
                f"The site has no {what} (404 at {url}): a month is published about two months after its end."
            )
        if response.status not in (200, PARTIAL):
            raise TrainingError(f"The site refuses the {what}: status {response.status} at {url}.")
        if not _goes_on(response, start):
            target.truncate(0)
        _copy(response, target, what, request)
    finally:
        response.close()


def _goes_on(response: urllib3.BaseHTTPResponse, start: int) -> bool:
    is_rest = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
    return start > 0 and response.status == PARTIAL and is_rest


def _copy(response: urllib3.BaseHTTPResponse, target: BinaryIO, what: str, request: DataRequest) -> None:
    start = target.seek(0, 2)
    length = response.headers.get("Content-Length")
    total = start + int(length) if length else None
    with request.progress.transfer(what, start, total) as advance:
        # As it comes: a whole chunk's worth would be lost with a connection that breaks within it.
        while chunk := response.read1(_CHUNK):
            if target.tell() == 0 and not chunk.startswith(ZIP_MAGIC):
                kind = response.headers.get("Content-Type", "something else")
                raise TrainingError(
                    f"For {what} the site answered with {kind} and no zip archive: it is down or has moved "
                    "the file; try again later."
                )
            target.write(chunk)
            target.flush()
            advance(len(chunk))
    if total and target.tell() < total:
        raise IncompleteRead(target.tell() - start, total - target.tell())


def _next_try(retry: Retry, url: str, broken_off: HTTPError) -> Retry:
    try:
        left = retry.increment("GET", url, error=broken_off)
    except MaxRetryError as error:
        raise _given_up(url, broken_off) from error
    left.sleep()
    return left


def _given_up(url: str, cause: Exception) -> TrainingError:
    return TrainingError(f"{url} cannot be fetched ({cause}): what came of it is kept, so ask again later.")


def _is_whole(part: Path) -> bool:
    try:
        with zipfile.ZipFile(part) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, OSError):
        return False


def _check(part: Path, url: str, cache: Path) -> None:
    if not _is_whole(part):
        raise TrainingError(f"What came from {url} is truncated or damaged: try again later.")
    with unpacked(part, members(part)[0], cache) as plain:
        missing = PREZIP.missing(header_of(plain, url))
    if missing:
        raise TrainingError(f"The file at {url} has no column {' and no '.join(missing)}: its layout is new.")
