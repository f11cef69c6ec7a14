"""Days, times and points in time as people and programs write them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.tables.notations.numbered_times import COMPACT_DAY, NUMBERED_FORMS, read_numbered_times

DASHED_DAY, CLOCK_TIME, ISO_ANY = "%Y-%m-%d", "%H:%M", "ISO8601"
DAY_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y")
MONTH_FIRST = ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%m/%d/%y", "%m.%d.%y", "%m-%d-%y")
# E-mail and HTTP write "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 5322).
_WEEKDAY = "%a, "
# Web servers write "[06/Nov/1994:08:49:37 +0000]" (common log format).
_LOGGED = "%d/%b/%Y:%H:%M:%S"
_UNAMBIGUOUS = (
    DASHED_DAY, "%b-%Y", "%b %Y", "%B %Y", f"{_WEEKDAY}%d %b %Y",
    "%Y/%m/%d", "%Y.%m.%d", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip
# A week of ISO 8601, and a month; each becomes its first day.
WEEK, MONTH = "%G-W%V", "%Y-%m"
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_TIMES = (CLOCK_TIME, "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")
_TIME_SHAPE = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( ?[AaPp][Mm])?"
_DAY_SHAPE = r"[0-9]{1,4}([-/.])[0-9]{1,2}[-/.][0-9]{1,4}.*|.*[A-Za-z]{3,9}.*[0-9]{2,4}.*"
_WEEK_SHAPE = r"(?:19|20)[0-9]{2}-W[0-9]{2}"
_MONTH_SHAPE = r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])"
_COMPACT_SHAPE = r"(19|20)[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])"
# Distance from UTC behind a time, as databases and programs write it.
_ZONE = r"Z| ?UTC| ?GMT| ?[-+][0-9]{2}(?::?[0-9]{2})?"
_ISO_SHAPE = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
    rf"({_ZONE})?)?"
)
MOST_FORMATS = 4


@dataclass(frozen=True, kw_only=True)
class DateFormats:
    """How the texts of a column are written as dates or times.

    Attributes:
        formats: Formats, the most frequent first.
        is_guess: Whether days and months could be exchanged.
    """

    formats: tuple[str, ...]
    is_guess: bool = False

    @property
    def written(self) -> str:
        """The formats in one text."""
        return "|".join(self.formats)


def time_formats(texts: pd.Series) -> DateFormats | None:
    """Recognizes distinct texts that are times of day."""
    if not texts.str.fullmatch(_TIME_SHAPE).all():
        return None
    return _cover(texts, _TIMES)


def date_formats(texts: pd.Series, *, day_first: bool, compact: bool, spare: int = 0) -> DateFormats | None:
    """Recognizes distinct texts that are days or points in time.

    Args:
        texts: The texts.
        day_first: Whether 03/04/2025 is in April, where no text of the column decides it.
        compact: Whether 20250403 may be a day.
        spare: Number of texts that may be something else.
    """

    def have(shape: str) -> bool:
        return bool((~texts.str.fullmatch(shape)).sum() <= spare)

    if compact and have(_COMPACT_SHAPE):
        return _cover(texts, (COMPACT_DAY,), spare=spare)
    if have(_ISO_SHAPE):
        return _cover(texts, (DASHED_DAY, ISO_ANY), spare=spare)
    if have(_WEEK_SHAPE):
        return _cover(texts, (WEEK,), spare=spare)
    if have(_MONTH_SHAPE) and not _are_seasons(texts):
        return _cover(texts, (MONTH,), spare=spare)
    if not have(_DAY_SHAPE):
        return None
    sides = [MONTH_FIRST, DAY_FIRST]
    found = [_cover(texts, (*_UNAMBIGUOUS, *side), clocks=_CLOCKS, spare=spare) for side in sides]
    if all(found):
        chosen = found[day_first]
        numeric = chosen and {*chosen.formats} & _with_clocks(sides[day_first])
        return chosen and DateFormats(formats=chosen.formats, is_guess=bool(numeric))
    return found[0] or found[1]


def _are_seasons(texts: pd.Series) -> bool:
    """Tells whether texts such as 2001-02 are seasons: a year and the last digits of the year after it."""
    parts = texts.str.extract(_MONTH_SHAPE).dropna().astype(int)
    return bool(((parts[0] + 1) % 100 == parts[1]).all())


def read_times(texts: pd.Series, written: str) -> NDArray[np.datetime64]:
    """Reads texts as points in time; NaT where a text has none of the formats."""
    found = np.full(len(texts), np.datetime64("NaT", "us"), dtype="datetime64[us]")
    for form in written.split("|"):
        left = np.flatnonzero(np.isnat(found))
        if len(left):
            found[left] = _parsed(texts.iloc[left], form)
    return found


def _with_clocks(formats: tuple[str, ...]) -> set[str]:
    return {form + clock for form in formats for clock in _CLOCKS}


def _cover(
    texts: pd.Series, formats: tuple[str, ...], *, clocks: tuple[str, ...] = ("",), spare: int = 0
) -> DateFormats | None:
    """Chooses formats that together read all texts but the spare ones, each that reads most of those left."""
    left = texts
    chosen: list[str] = []
    while len(left) > spare and len(chosen) < MOST_FORMATS:
        # Most formats fail on the first texts, so few read the whole column.
        sample = left.iloc[:50]
        tries = [form + clock for form in formats for clock in clocks if form + clock not in chosen]
        tries += [_LOGGED] if len(clocks) > 1 and _LOGGED not in chosen else []
        likely = [form for form in tries if not np.isnat(_parsed(sample, form)).all()]
        counts = {form: int((~np.isnat(_parsed(left, form))).sum()) for form in likely}
        if not counts:
            return None
        best = max(counts, key=lambda form: (counts[form], -tries.index(form)))
        chosen.append(best)
        left = left[np.isnat(_parsed(left, best))]
    return None if len(left) > spare or not chosen else DateFormats(formats=tuple(chosen))


def _parsed(texts: pd.Series, form: str) -> NDArray[np.datetime64]:
    if form in NUMBERED_FORMS:
        return read_numbered_times(texts, form)
    if form == WEEK:
        texts, form = texts + "-1", f"{WEEK}-%u"
    if form == _LOGGED:
        texts = texts.str.strip("[]")
    if form in (ISO_ANY, _LOGGED) or _WEEKDAY in form:
        # The clock of the place, without its distance from UTC.
        texts = texts.str.replace(rf"(.*:[0-9]{{2}}(?:[.][0-9]+)?)(?:{_ZONE})$", r"\1", regex=True)
    found = pd.to_datetime(texts.astype(object), format=form, errors="coerce")
    return np.asarray(found.to_numpy(), dtype="datetime64[us]")
