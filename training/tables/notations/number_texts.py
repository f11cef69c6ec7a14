"""Numbers as people and spreadsheets write them: separators, decimal commas, units, parentheses."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PLAIN, POINT, COMMA = "", "1,234.5", "1.234,5"
# Units that stand at a number, on either side: percent, symbols of currencies, and codes of ISO 4217.
_CODES = (
    "AED|ARS|AUD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KRW|MXN|MYR|NOK|NZD|PEN"
    "|PHP|PLN|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
_UNIT = rf"(?:US\$|[%$€£¥₹₽₩₺₪]|{_CODES})"
# Units that stand behind a number.
_MEASURES = (
    "k|K|kr|zł|Ft|mg|g|kg|t|lbs?|oz|mm|cm|m|km|mi|ft|m2|m²|sqft|ml|l|L|ms|s|min|h|°C|°F|km/h|mph|W|kW|kWh"
    "|MB|GB|pts?"
)

_PLAIN = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
_SHAPES = {
    PLAIN: _PLAIN,
    # Groups of two digits above the thousands are those of India: 1,23,456.
    POINT: r"[-+]?([0-9]{1,3}(,[0-9]{3})*|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3})(\.[0-9]*)?",
    COMMA: r"[-+]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?",
}
# A comma that can only be a decimal one: no group of three digits follows it, or a zero precedes it.
_DECIMAL_COMMA = (
    r"[-+]?[0-9.]*,([0-9]{1,2}|[0-9]{4,})|[-+]?0,[0-9]+|[-+]?[0-9]{4,},[0-9]+|[-+]?[0-9.]+\.[0-9.]*,[0-9]+"
)
_THOUSANDS_COMMA = r"[-+]?[0-9,]+,[0-9]{3}\.[0-9]*|[-+]?[0-9]{1,3}(,[0-9]{2,3})+,[0-9]{3}"
# Leading zeros are part of a code, such as 02139.
_CODE = r"0[0-9]+"
# Share of the rows with a number, from which a few texts between them count as absent.
NUMBERS_SHARE = 0.9
# A bare number in any notation.
NEARLY_NUMBER = r"[-+]?[0-9.,]*[0-9][0-9.,]*"
# A decimal point that separates no thousands.
_DECIMAL_POINT = rf"[-+]?[0-9,]*\.([0-9]{{1,2}}|[0-9]{{4,}})|{_THOUSANDS_COMMA}"
# Characters of the longest texts that may be numbers: longer ones are not searched for units.
_LONGEST_NUMBER = 100
_SPACES = " \u00a0\u2009\u202f"
_SIGN_FIRST = re.compile(rf"^([-+]?)\s*{_UNIT}\s*")
_UNIT_LAST = re.compile(rf"\s*{_UNIT}$|(?<=[0-9])\s*(?:{_MEASURES})$")
_ANY_UNIT = re.compile(rf"{_UNIT}|(?<=[0-9])\s*(?:{_MEASURES})$")
# A currency may be left out in some rows, and stays the same one.
_NO_CURRENCY = re.compile(rf"%|{_MEASURES}")
# Accounting writes a negative number in parentheses, SAP with the sign behind it.
_PARENTHESES = re.compile(rf"^(\s*{_UNIT}?\s*)\(([^()]*[0-9][^()]*)\)(\s*{_UNIT}?)$")
_SIGN_LAST = re.compile(r"^([0-9.,]+)-$")
_MINUS = "\u2212"
_MARKS = re.compile(rf"[%$€£¥₹₽₩₺₪{_SPACES}'\u2019({_MINUS}]|[A-Z]{{3}}|[0-9]-$|[0-9][A-Za-z°]", re.MULTILINE)
# Spaces of any width and apostrophes between groups of digits.
_GROUPS = f"(?<=[0-9])[{_SPACES}'\u2019](?=[0-9]{{3}}(?![0-9]))"


def bare(texts: pd.Series) -> pd.Series:
    """Removes units, spaces and apostrophes from texts of numbers, and writes a minus sign first."""
    found = texts.str.strip()
    are_short = found.str.len() <= _LONGEST_NUMBER
    short = found[are_short]
    # One search of all texts together is faster than one search of each.
    if not _MARKS.search("\n".join(short)):
        return found
    return found.map(_bare) if are_short.all() else short.map(_bare).reindex(found.index).fillna(found)


def _bare(text: str) -> str:
    found = _PARENTHESES.sub(r"-\1\2\3", text).replace(_MINUS, "-")
    found = _UNIT_LAST.sub("", _SIGN_FIRST.sub(r"\1", found))
    found = _SIGN_LAST.sub(r"-\1", re.sub(_GROUPS, "", found.strip()))
    return found.replace("--", "-") if "(" in text else found


def unit_of(texts: pd.Series) -> str:
    """Returns the unit that every text has, "" if there is none."""
    units = _units(texts)
    return units.pop() if len(units) == 1 else ""


def _units(texts: pd.Series) -> set[str]:
    return {found[0].strip() if (found := _ANY_UNIT.search(text)) else "" for text in texts}


def ambiguity(texts: pd.Series) -> str:
    """Returns what keeps distinct texts of numbers from being numbers; "" for nothing."""
    units = _units(texts)
    if len(named := sorted(units - {""})) > 1:
        return f"the units {', '.join(named)}"
    if "" in units and any(map(_NO_CURRENCY.fullmatch, named)):
        return f"the unit {named[0]} in some rows only"
    if texts.map(_PARENTHESES.match).notna().all():
        return "parentheses in every row"
    found = bare(texts)
    commas, points = (found[found.str.fullmatch(one)] for one in (_DECIMAL_COMMA, _DECIMAL_POINT))
    if len(commas) and len(points):
        return f"decimal commas ({texts[commas.index[0]]}) and decimal points ({texts[points.index[0]]})"
    return ""


def are_codes(texts: pd.Series) -> bool:
    """Whether some text is a code with a leading zero, which a number would lose."""
    return bool(texts.str.fullmatch(_CODE).any() and (texts.str.len().nunique() == 1 or len(texts) > 2))


def is_comma_decimal(texts: pd.Series) -> bool | None:
    """Whether the comma in bare texts is the decimal one; None when they do not decide it."""
    with_comma = texts[texts.str.contains(",", regex=False)]
    if with_comma.str.fullmatch(_DECIMAL_COMMA).any():
        return True
    return False if with_comma.str.fullmatch(_THOUSANDS_COMMA).any() else None


def written_as(texts: pd.Series, *, comma_decimal: bool) -> str:
    """Returns how most of the bare texts are written, if they are numbers.

    Args:
        texts: Distinct bare texts.
        comma_decimal: Whether a comma that may be either is a decimal one.
    """
    if not texts.str.contains(",", regex=False).any():
        grouped = comma_decimal and texts.str.contains(".", regex=False).any()
        if grouped and texts.str.fullmatch(r"[-+]?[0-9]{1,3}(\.[0-9]{3})*").all():
            return COMMA
        return PLAIN
    decides = is_comma_decimal(texts)
    return COMMA if (comma_decimal if decides is None else decides) else POINT


def read_numbers(texts: pd.Series, written: str) -> NDArray[np.float64]:
    """Reads bare texts as numbers; NaN where a text is not written so."""
    fits = texts.str.fullmatch(_SHAPES[written]).to_numpy(dtype=bool)
    found = np.full(len(texts), np.nan)
    if written == COMMA:
        texts = texts.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    elif written == POINT:
        texts = texts.str.replace(",", "", regex=False)
    found[fits] = texts[fits].astype(np.float64).to_numpy()
    return found
