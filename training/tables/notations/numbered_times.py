"""Days and times that are written as numbers: 20240131, 202401, 1706659200, the days of spreadsheets, 930."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COMPACT_DAY, COMPACT_MONTH, COMPACT_CLOCK, SERIAL_DAY = "%Y%m%d", "%Y%m", "%H%M", "serial day"
EPOCHS = {"epoch s": 1e6, "epoch ms": 1e3, "epoch us": 1.0, "epoch ns": 1e-3}
NUMBERED_FORMS = (COMPACT_DAY, COMPACT_MONTH, COMPACT_CLOCK, SERIAL_DAY, *EPOCHS)
# Each form in words, for notes.
_MEANING = {
    COMPACT_DAY: "days such as 20240131",
    COMPACT_MONTH: "months such as 202401, which are read as their first days",
    COMPACT_CLOCK: "times such as 930 for 09:30",
    SERIAL_DAY: "days as spreadsheets number them, 45292 for 2024-01-01",
    "epoch s": "seconds since 1970 in UTC",
    "epoch ms": "milliseconds since 1970 in UTC",
    "epoch us": "microseconds since 1970 in UTC",
    "epoch ns": "nanoseconds since 1970 in UTC",
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_DATE_WORDS = {
    *("date", "datum", "fecha", "day", "jour", "dt", "dob", "born", "birthday", "birthdate", "yyyymmdd"),
    *("month", "monat", "mois", "mes", "yyyymm", "period"),
}
_POINT_WORDS = {
    *("time", "timestamp", "datetime", "ts", "epoch", "unix", "created", "updated", "modified", "logged"),
    *("at", "when", "since", "utc", "start", "end", "date", "seen", "login"),
}
_CLOCK_WORDS = {"time", "hhmm", "clock", "uhrzeit", "hora", "heure"}
_ORDINAL_WORDS = {"date", "datum", "fecha", "dob", "born", "birthday", "birthdate"}
# Words that end in "date" and are none.
_NO_DATE = {"update", "candidate", "mandate", "validate"}
_BIRTH_WORDS = {"dob", "born", "birth", "birthday", "birthdate"}
# Values that stand for no day between days.
_NO_DAY = (0, -1, 99999999, 99991231, 999912, 999999)
# 1990 to 2049 in seconds, and as days of spreadsheets; 1920 on for births.
_EPOCH_RANGE = 631_152_000, 2_524_608_000
_SERIAL_RANGE, _FIRST_BIRTH = (32_874, 54_789), 7_306
_FIRST_SERIAL = np.datetime64("1899-12-30", "us")
_LAST_DAY = np.datetime64("9999-12-31T23:59:59", "us").astype(np.int64)
# From so many different values on, all of them are days or months by no chance.
_FEWEST_DAYS, _FEWEST_MONTHS, _FEWEST_CLOCKS = 10, 12, 30
_SAMPLE = 200


@dataclass(frozen=True, kw_only=True)
class NumberedTimes:
    """Form of a column's numbers.

    Attributes:
        written: Their form, one of NUMBERED_FORMS.
        missing: Numbers between them that stand for no day.
        is_certain: Whether name and values show it; else a person has to decide.
    """

    written: str
    missing: tuple[float, ...] = ()
    is_certain: bool = True

    @property
    def meaning(self) -> str:
        """The form in words."""
        return _MEANING[self.written]


def numbered_times(name: str, numbers: NDArray[np.float64]) -> NumberedTimes | None:
    """Recognizes the form of a column's numbers by its name and their ranges; None for other numbers.

    Args:
        name: Name of the column.
        numbers: Its numbers, in any order.
    """
    words = _words(name)
    # Most columns are other numbers, which their first ones show.
    if _of_distinct(words, np.unique(numbers[:_SAMPLE]), is_sample=True) is None:
        return None
    return _of_distinct(words, np.unique(numbers), is_sample=False)


def _words(name: str) -> set[str]:
    words = {word.lower() for word in _WORD.findall(name)}
    return words | {
        end
        for end in ("date", "datetime", "timestamp", "time")
        for word in words
        if word.endswith(end) and word not in _NO_DATE
    }


def _of_distinct(words: set[str], numbers: NDArray[np.float64], *, is_sample: bool) -> NumberedTimes | None:
    are_none = np.isin(numbers, _NO_DAY)
    days, missing = numbers[~are_none], tuple(numbers[are_none].tolist())
    if not len(days):
        # The sample decides nothing then.
        return NumberedTimes(written=COMPACT_DAY) if is_sample else None
    # A sample has fewer values than all rows.
    size = len(numbers) + (1_000 if is_sample else 0)
    if (days == np.floor(days)).all():
        if _are_compact(words, days, COMPACT_DAY, size >= _FEWEST_DAYS):
            return NumberedTimes(written=COMPACT_DAY, missing=missing)
        if _are_compact(words, days, COMPACT_MONTH, size >= _FEWEST_MONTHS):
            return NumberedTimes(written=COMPACT_MONTH, missing=missing)
        if words & _CLOCK_WORDS and size >= _FEWEST_CLOCKS and _are_clocks(numbers, is_sample=is_sample):
            return NumberedTimes(written=COMPACT_CLOCK)
    if words & _ORDINAL_WORDS and _are_serial(words, days):
        return NumberedTimes(written=SERIAL_DAY, missing=missing)
    form, is_named = _epoch(days), bool(words & _POINT_WORDS)
    if form and (is_named or size >= _FEWEST_DAYS):
        return NumberedTimes(written=form, missing=missing, is_certain=is_named)
    return None


def _epoch(days: NDArray[np.float64]) -> str:
    """Returns the unit in which all numbers are points in time of our days; "" for none."""
    for form, factor in EPOCHS.items():
        low, high = (end * 1e6 / factor for end in _EPOCH_RANGE)
        if low <= days[0] and days[-1] <= high:
            return form
    return ""


def _are_compact(words: set[str], days: NDArray[np.float64], form: str, are_many: bool) -> bool:
    return _are_valid(days, form) and (are_many or bool(words & _DATE_WORDS))


def _are_valid(days: NDArray[np.float64], form: str) -> bool:
    low, high = (19000101, 20991231) if form == COMPACT_DAY else (195001, 204912)
    if days[0] < low or days[-1] > high:
        return False
    found = read_numbered_times(pd.Series(days).map("{:.0f}".format), form)
    return not bool(np.isnat(found).any())


def _are_clocks(numbers: NDArray[np.float64], *, is_sample: bool) -> bool:
    minutes = numbers % 100
    if numbers[0] < 0 or numbers[-1] > 2400 or (minutes >= 60).any():
        return False
    # Rounded amounts have no other minutes either.
    return is_sample or bool(numbers[-1] >= 1000 and (minutes % 50).any())


def _are_serial(words: set[str], days: NDArray[np.float64]) -> bool:
    first, last = _SERIAL_RANGE
    first = _FIRST_BIRTH if words & _BIRTH_WORDS else first
    return bool(first <= days[0] and days[-1] <= last)


def read_numbered_times(texts: pd.Series, form: str) -> NDArray[np.datetime64]:
    """Reads texts of numbers as points in time; NaT where a text is none of the form.

    A time of day is one of 1900-01-01, and 2400 is midnight.
    """
    numbers = np.asarray(pd.to_numeric(texts.astype(object), errors="coerce"), dtype=np.float64)
    if form == COMPACT_CLOCK:
        return _clocks(numbers)
    if form == SERIAL_DAY:
        # Spreadsheets keep times as fractions of a day, which are exact to the second.
        return _moments(np.round(numbers * 86_400) * 1e6 + _FIRST_SERIAL.astype(np.int64), numbers >= 0)
    if form in EPOCHS:
        return _moments(numbers * EPOCHS[form], np.isfinite(numbers))
    is_day = form == COMPACT_DAY
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers >= 0)
    days = np.where(whole, numbers, 0) if is_day else np.where(whole, numbers, 0) * 100 + 1
    padded = pd.Series(days).map("{:08.0f}".format).astype(object)
    found = pd.to_datetime(padded, format="%Y%m%d", errors="coerce")
    return np.asarray(found.to_numpy(), dtype="datetime64[us]")


def _clocks(numbers: NDArray[np.float64]) -> NDArray[np.datetime64]:
    hours, minutes = numbers // 100, numbers % 100
    fits = (numbers >= 0) & (numbers <= 2400) & (minutes < 60) & (numbers == np.floor(numbers))
    midnight = np.datetime64("1900-01-01", "us").astype(np.int64)
    return _moments(midnight + (hours % 24 * 60 + minutes) * 60e6, fits)


def _moments(microseconds: NDArray[np.float64], fits: NDArray[np.bool_]) -> NDArray[np.datetime64]:
    fits = fits & (np.abs(microseconds) <= _LAST_DAY)
    found = np.where(fits, microseconds, 0).astype(np.int64).astype("datetime64[us]")
    found[~fits] = np.datetime64("NaT")
    return found
