"""Forms of the dates in a column, recognized from all of its texts, and the expression that parses them."""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import ibis
import ibis.expr.types as ir

from training.errors import TrainingError

# Characters of the longest date, "2018-01-31".
DATE_LENGTH = 10
YEAR_FIRST, MONTH_FIRST, DAY_FIRST = "year first", "month first", "day first"
# Share of a column's texts that may contradict the others; they count as unreadable.
MOST_CONTRADICTING = 0.01

# Widths of month and day, the usual one first.
_WIDTHS = (2, 1)
_PARTS = {
    YEAR_FIRST: ("year", "month", "day"),
    MONTH_FIRST: ("month", "day", "year"),
    DAY_FIRST: ("day", "month", "year"),
}
_SEPARATED = re.compile(r"([0-9]{1,4})([-/.])([0-9]{1,2})\2([0-9]{1,4})")
_COMPACT = re.compile(r"[0-9]{8}")
# A year of two digits is one of the hundred from 1987 on, the first year of the BTS's data.
_FIRST_YEAR = 1987


@dataclass(frozen=True, kw_only=True)
class DateForm:
    """A form of dates.

    Attributes:
        order: Order of year, month and day.
        separator: Character between them; "" in "20180131".
        year_digits: 4, or 2 as in "31/01/18".
    """

    order: str
    separator: str
    year_digits: int = 4


ISO = DateForm(order=YEAR_FIRST, separator="-")
COMPACT = DateForm(order=YEAR_FIRST, separator="")
# Form of `joined_parts`.
JOINED = DateForm(order=MONTH_FIRST, separator="/")

_Kind: TypeAlias = tuple[str, int]


class DateColumn:
    """The distinct texts of a column, by separator and length of the year.

    Args:
        texts: Texts of at most `DATE_LENGTH` characters, and whether a 12-hour clock follows, as in
            "1/2/2018 12:00:00 AM", which only files with the month first have.
    """

    def __init__(self, texts: Iterable[tuple[str | None, bool]]) -> None:
        self.fixed: set[DateForm] = set()
        self.by_kind: dict[_Kind, list[str]] = {}
        self.with_clock: set[_Kind] = set()
        for text, has_clock in texts:
            token, *_ = (text or "").split() or [""]
            self._add(token, has_clock)

    def _add(self, token: str, has_clock: bool) -> None:
        match = _SEPARATED.fullmatch(token)
        if _COMPACT.fullmatch(token):
            self.fixed.add(COMPACT)
        elif match and len(match[1]) == 4:
            self.fixed.add(DateForm(order=YEAR_FIRST, separator=match[2]))
        elif match and len(match[1]) <= 2 and len(match[4]) in (2, 4):
            kind = match[2], len(match[4])
            self.by_kind.setdefault(kind, []).append(token)
            if has_clock:
                self.with_clock.add(kind)

    def forms(self, *, today: Callable[[], datetime.date], column: str, file: str) -> list[DateForm]:
        """Returns the forms of the column's dates.

        Args:
            today: Returns the current day; a date whose year has two digits is at most a year after it.
            column: Name of the column in the file, for messages.
            file: Name of the file, for messages.

        Raises:
            TrainingError: When the texts do not decide between two orders, or contradict each other.
        """
        found = [*self.fixed]
        for kind, tokens in self.by_kind.items():
            separator, year_digits = kind
            last_year = today().year + 1 if year_digits == 2 else datetime.MAXYEAR
            try:
                order = _order(tokens, kind, has_clock=kind in self.with_clock, last_year=last_year)
            except ValueError as error:
                raise TrainingError(
                    f"{file} has dates in column {column} that can be read in two ways: {error}. Write them "
                    "as 2018-01-31."
                ) from error
            found.append(DateForm(order=order, separator=separator, year_digits=year_digits))
        return sorted(found, key=lambda form: (-form.year_digits, form.separator, form.order))


def date(text: ir.StringValue, forms: Sequence[DateForm]) -> ir.DateValue:
    """The day of a text without spaces in one of the forms, null for other texts.

    What follows the date is left out.
    """
    cases = [case for form in forms for case in _cases(text, form)]
    iso = ibis.cases(*cases) if cases else ibis.null("string")
    return iso.try_cast("date")


def joined_parts(raw: ir.Table) -> ir.StringValue:
    """The date of the columns year, month and day as a text, in the form `JOINED`."""
    return raw.month + "/" + raw.day + "/" + raw.year


def _order(tokens: Sequence[str], kind: _Kind, *, has_clock: bool, last_year: int) -> str:
    """Returns the order under which the texts are days of the calendar.

    Raises:
        ValueError: When the texts contradict each other, or fit more than one order.
    """
    orders = (MONTH_FIRST, DAY_FIRST) if kind[1] == 4 else (MONTH_FIRST, DAY_FIRST, YEAR_FIRST)
    days = {order: [_day(token, kind, order, last_year) for token in tokens] for order in orders}
    readable = [any(options) for options in zip(*days.values(), strict=True)]
    enough = sum(readable) * (1 - MOST_CONTRADICTING)
    possible = [order for order, found in days.items() if sum(day is not None for day in found) >= enough]
    if not possible:
        raise ValueError(_contradiction(tokens, days))
    if len(possible) == 1 or all(days[order] == days[possible[0]] for order in possible):
        return possible[0]
    # Only files of the US have a 12-hour clock; only dates with the day first have full stops.
    usual = MONTH_FIRST if has_clock else DAY_FIRST if kind[0] == "." else ""
    if usual in possible:
        return usual
    raise ValueError(f"{tokens[0]} has the {' or the '.join(possible)}, and no date of the file decides it")


def _contradiction(tokens: Sequence[str], days: Mapping[str, Sequence[datetime.date | None]]) -> str:
    examples = {}
    for order, found in days.items():
        others = [other for name, other in days.items() if name != order]
        for token, day, *rest in zip(tokens, found, *others, strict=True):
            if day and not any(rest):
                examples[order] = f"{token} has the {order}"
    return ", but ".join(examples.values())


def _day(token: str, kind: _Kind, order: str, last_year: int) -> datetime.date | None:
    separator, year_digits = kind
    parts = dict(zip(_PARTS[order], map(int, token.split(separator)), strict=True))
    year = parts["year"]
    if year_digits == 2:
        year += 1900 if year >= _FIRST_YEAR % 100 else 2000
    try:
        found = datetime.date(year, parts["month"], parts["day"])
    except ValueError:
        return None
    return found if year <= last_year else None


def _cases(bare: ir.StringValue, form: DateForm) -> Iterator[tuple[ir.BooleanValue, ir.StringValue]]:
    """Yields the pattern of each length of month and day, and the text in ISO form."""
    if form == COMPACT:
        yield bare.like("_" * 8), _joined(bare.substr(0, 4), bare.substr(4, 2), bare.substr(6, 2))
        return
    widths = {"year": (form.year_digits,), "month": _WIDTHS, "day": _WIDTHS}
    names = _PARTS[form.order]
    for lengths in product(*(widths[name] for name in names)):
        pattern = form.separator.join("_" * length for length in lengths)
        starts = [sum(lengths[:place]) + place for place in range(3)]
        parts = {
            name: _padded(bare.substr(start, length), length)
            for name, start, length in zip(names, starts, lengths, strict=True)
        }
        if form.year_digits == 2:
            parts["year"] = _full_year(parts["year"])
        yield bare.like(f"{pattern}%"), _joined(parts["year"], parts["month"], parts["day"])


def _full_year(year: ir.StringValue) -> ir.StringValue:
    return (year >= f"{_FIRST_YEAR % 100}").ifelse("19", "20") + year


def _padded(part: ir.StringValue, length: int) -> ir.StringValue:
    return ibis.literal("0") + part if length == 1 else part


def _joined(year: ir.StringValue, month: ir.StringValue, day: ir.StringValue) -> ir.StringValue:
    return year + "-" + month + "-" + day
