"""Numbers as people and spreadsheets write them: with separators of thousands, decimal commas, a unit."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PLAIN, POINT, COMMA = "", "1,234.5", "1.234,5"
# Units that stand at a number, on either side.
UNITS = "%$€£¥"

_PLAIN = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
_SHAPES = {
    PLAIN: _PLAIN,
    POINT: r"[-+]?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]*)?",
    COMMA: r"[-+]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?",
}
# A comma that can only be a decimal one: no group of three digits follows it, or a zero precedes it.
_DECIMAL_COMMA = (
    r"[-+]?[0-9.]*,([0-9]{1,2}|[0-9]{4,})|[-+]?0,[0-9]+|[-+]?[0-9]{4,},[0-9]+|[-+]?[0-9.]+\.[0-9.]*,[0-9]+"
)
_THOUSANDS_COMMA = r"[-+]?[0-9,]+,[0-9]{3}\.[0-9]*|[-+]?[0-9]{1,3}(,[0-9]{3}){2,}"
# Leading zeros are part of a code, such as 02139.
_CODE = r"0[0-9]+"
_SIGN_FIRST = re.compile(rf"^([-+]?)\s*[{UNITS}]\s*")
_MARKS = re.compile(rf"[{UNITS} \u00a0\u202f'\u2019]")
_UNIT_LAST = re.compile(rf"\s*[{UNITS}]$")
# Spaces of any width and apostrophes between groups of digits.
_GROUPS = "(?<=[0-9])[ \u00a0\u202f'\u2019](?=[0-9]{3}(?![0-9]))"


def bare(texts: pd.Series) -> pd.Series:
    """Removes units, spaces and apostrophes from texts of numbers."""
    found = texts.str.strip()
    # One search of all texts together is faster than one search of each.
    if _MARKS.search("".join(found)):
        found = found.map(lambda text: _UNIT_LAST.sub("", _SIGN_FIRST.sub(r"\1", text)))
        found = found.map(lambda text: re.sub(_GROUPS, "", text))
    return found


def unit_of(texts: pd.Series) -> str:
    """Returns the unit that every text has, "" if there is none."""
    found = {text.strip(UNITS + "-+. ") != text.strip("-+. ") for text in texts.iloc[:1000]}
    if found != {True}:
        return ""
    units = {char for text in texts for char in text if char in UNITS}
    return units.pop() if len(units) == 1 else ""


def are_codes(texts: pd.Series) -> bool:
    """Whether some text is a code with a leading zero, which a number would lose."""
    return bool(texts.str.fullmatch(_CODE).any() and (texts.str.len().nunique() == 1 or len(texts) > 2))


def is_comma_decimal(texts: pd.Series) -> bool | None:
    """Whether the comma in bare texts is the decimal one; None when they do not decide it."""
    with_comma = texts[texts.str.contains(",", regex=False)]
    if with_comma.str.fullmatch(_DECIMAL_COMMA).any():
        return True
    return False if with_comma.str.fullmatch(_THOUSANDS_COMMA).any() else None


def written_as(texts: pd.Series, *, comma_decimal: bool) -> str | None:
    """Returns how most of the bare texts are written; None if they are no numbers.

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
