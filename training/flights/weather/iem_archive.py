"""Downloads weather reports of airports from the Iowa Environmental Mesonet, each station and month once.

Source: https://mesonet.agron.iastate.edu/cgi-bin/request/asos.py (with `?help` for its parameters).
It allows one request a second, and answers 503 when it is busy.
"""

import calendar
import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError

from training.data.data_options import DataOptions
from training.data.retries import BUSY, REDIRECTS, BusyError, Tries, cause_of
from training.errors import TrainingError
from training.flights.sources.bts_site import PAUSES
from training.flights.sources.months import Month

IEM = "iem"
REPORT_COLUMNS = ("tmpf", "sknt", "p01i", "vsby", "relh", "mslp")
REPORT_HEADER = ",".join(("station", "valid", *REPORT_COLUMNS))
# An absent value, and precipitation that is too little to measure.
MISSING, TRACE = "M", "T"
# The length of a request's address is limited.
STATIONS_A_REQUEST = 200
SECONDS_BETWEEN_REQUESTS = 1.0
_OK = 200
_DAY = datetime.timedelta(days=1)


class ReportArchive:
    """The archive and its files in the cache.

    Args:
        options: Address of the archive, cache, progress, pauses and the current day.
    """

    def __init__(self, options: DataOptions) -> None:
        self._options = options
        self._asked = False

    def reports(self, month: Month, stations: Sequence[str]) -> dict[str, str]:
        """Returns the reports of stations in a month, as CSV texts with `REPORT_HEADER`, by station.

        They reach a day into the months before and after, to have the whole month in each time zone.

        Raises:
            TrainingError: When the archive cannot be reached, or its answer is no table of reports.
        """
        found = {station: self._path(month, station) for station in stations}
        texts = {
            station: path.read_text(encoding="utf-8") for station, path in found.items() if path.exists()
        }
        missing = sorted(set(stations) - texts.keys())
        if not missing:
            self._options.progress.step(f"weather of {month}: in the cache")
        for start in range(0, len(missing), STATIONS_A_REQUEST):
            asked = missing[start : start + STATIONS_A_REQUEST]
            answer = self._download(month, asked)
            by_station = _by_station(answer, asked)
            if self._is_complete(month, answer):
                self._keep(month, by_station)
            texts.update(by_station)
        return texts

    def _path(self, month: Month, station: str) -> Path:
        return self._options.cache / IEM / str(month) / f"{station}.csv"

    def _keep(self, month: Month, texts: Mapping[str, str]) -> None:
        for station, text in texts.items():
            path = self._path(month, station)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{path.name}.{os.getpid()}")
            partial.write_text(text, encoding="utf-8")
            partial.replace(path)

    def _is_complete(self, month: Month, answer: str) -> bool:
        """Whether the reports reach the end of the month; shows the other case."""
        end = datetime.date(month.year, month.month, calendar.monthrange(month.year, month.month)[1])
        newest = max((_valid(line)[:10] for line in answer.splitlines()[1:]), default="")
        if newest >= str(end) and self._options.today() > end + 2 * _DAY:
            return True
        reach = f"end on {newest}" if newest else "are none"
        self._options.progress.step(
            f"{self._site}: the reports of {month} {reach}; they are used, and asked again next time"
        )
        return False

    @property
    def _site(self) -> str:
        return urlsplit(self._options.weather_site).netloc

    def _download(self, month: Month, stations: Sequence[str]) -> str:
        if self._asked:
            self._options.sleep(SECONDS_BETWEEN_REQUESTS)
        self._asked = True
        progress = self._options.progress
        progress.step(f"asking {self._site} for the weather of {month} at {len(stations):,} stations")
        url = f"{self._options.weather_site}?{_query(month, stations)}"
        tries = Tries(url, self._options, PAUSES)
        while True:
            try:
                return _answer(url, tries, f"weather of {month}")
            except HTTPError as error:
                self._try_again(tries, month, error)

    def _try_again(self, tries: Tries, month: Month, error: HTTPError) -> None:
        try:
            tries.failed(error)
        except HTTPError as last:
            raise TrainingError(
                f"The weather of {month} cannot be downloaded from {self._site} ({cause_of(last)}): the "
                "months before are kept; check the network, and run the command again later."
            ) from last


def _query(month: Month, stations: Sequence[str]) -> str:
    first = datetime.date(month.year, month.month, 1)
    start, end = first - _DAY, first + (calendar.monthrange(*month)[1] + 1) * _DAY
    names = ("year", "month", "day")
    times = {
        f"{name}{number}": getattr(day, name) for number, day in ((1, start), (2, end)) for name in names
    }
    fixed = {"tz": "Etc/UTC", "format": "onlycomma", "latlon": "no", "missing": MISSING, "trace": TRACE}
    # Routine reports and special ones, without those of every five minutes.
    return urlencode(
        {"station": stations, "data": REPORT_COLUMNS, **times, **fixed, "report_type": (3, 4)}, doseq=True
    )


def _answer(url: str, tries: Tries, what: str) -> str:
    site = urlsplit(url).netloc
    with urllib3.PoolManager(timeout=tries.timeout, retries=REDIRECTS) as pool:
        response = pool.request("GET", url)
    if response.status in BUSY:
        raise BusyError(response.status, response.headers.get("Retry-After"))
    if response.status != _OK:
        raise TrainingError(
            f"{site} refuses the {what} with status {response.status}: try again later, or give a file."
        )
    text = response.data.decode("ascii", errors="replace")
    if text.partition("\n")[0].strip() != REPORT_HEADER:
        kind = response.headers.get("Content-Type", "something else")
        raise TrainingError(
            f"For the {what} {site} answered with {kind} that is no table of reports: it is down or has "
            "changed its layout; try again later, or give a file."
        )
    if not text.endswith("\n"):
        raise ProtocolError("the answer ends in the middle of a line")
    return text


def _by_station(answer: str, stations: Sequence[str]) -> dict[str, str]:
    header, *lines = answer.splitlines(keepends=True)
    found: dict[str, list[str]] = {station: [header] for station in stations}
    for line in lines:
        if (rows := found.get(line.partition(",")[0])) is not None:
            rows.append(line)
    return {station: "".join(rows) for station, rows in found.items()}


def _valid(line: str) -> str:
    return line.split(",", 2)[1]
