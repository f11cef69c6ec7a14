"""Hooks of schemathesis for this API, which SCHEMATHESIS_HOOKS loads.

schemathesis cannot generate CSV for the fields of a model, so this module generates it. An OpenAPI document
cannot describe that a request with on_error=skip accepts invalid rows, so those failures are ignored.
"""

import csv
import io
import json
from datetime import date
from random import Random
from string import ascii_lowercase
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData

from bundle import CSV_FORMAT, JSON_LINES_FORMAT
from tests.tiny_bundle import FIELDS

_SIZES = (0.0, -0.0, 100.0, 5e-324, 1.0)
_COUNTS = (0, 1, 2**53 - 1)
_DAYS = (date.min, date(2024, 2, 29), date.max)
_MINUTES = (0, 719, 720, 1439)
_NAMES = [field.name for field in FIELDS]
# Hypothesis draws one number for a body: cells that it draws one by one take most of the time of a run.
_SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def _size(random: Random) -> float:
    return random.choice([*_SIZES, random.uniform(0, 100)])


def _kind(random: Random) -> str:
    return "".join(random.choices(ascii_lowercase, k=random.randint(1, 8)))


def _cell(name: str, random: Random) -> str:
    """Returns a valid cell of a field: a limit of its values, any value, or nothing if it is not required."""
    if name == "size":
        return repr(_size(random))
    minute = random.choice([*_MINUTES, random.randrange(24 * 60)])
    values = {
        "count": str(random.choice([*_COUNTS, random.randrange(2**53)])),
        "day": str(random.choice([*_DAYS, date.fromordinal(random.randint(1, date.max.toordinal()))])),
        "at": f"{minute // 60:02}:{minute % 60:02}",
        "kind": _kind(random),
    }
    return random.choice(["", values[name]])


def table(seed: int) -> str:
    """Returns one to five valid rows of the tiny bundle, with a header in any order or without one."""
    random = Random(seed)  # noqa: S311 - it makes requests, and no secrets
    header = random.choice([None, random.sample(_NAMES, len(_NAMES)), ["at", "size"]])
    rows = [[_cell(name, random) for name in header or _NAMES] for _ in range(random.randint(1, 5))]
    text = io.StringIO()
    writer = csv.writer(text, random.choice(["excel", "unix"]), lineterminator=random.choice(["\n", "\r\n"]))
    writer.writerows([*([header] if header else []), *rows])
    return text.getvalue()


def lines(seed: int) -> str:
    """Returns one to five valid rows as JSON Lines."""
    random = Random(seed)  # noqa: S311 - it makes requests, and no secrets
    rows = [
        {"size": _size(random)} | random.choice([{}, {"kind": None}, {"kind": _kind(random)}])
        for _ in range(random.randint(1, 5))
    ]
    return "\n".join(map(json.dumps, rows))


schemathesis.openapi.format(CSV_FORMAT, _SEEDS.map(table))
schemathesis.openapi.format(JSON_LINES_FORMAT, _SEEDS.map(lines))


@schemathesis.serializer("application/jsonlines")
def as_json_lines(_context: Any, value: Any) -> bytes:
    """Encodes a text unchanged; any other value as a line that is no row."""
    return value.encode() if isinstance(value, str) else repr(value).encode()


@schemathesis.serializer("text/csv")
def as_csv(_context: Any, value: Any) -> bytes:
    """Encodes a text unchanged; quotes any other value, because an unquoted number is valid CSV."""
    return value.encode() if isinstance(value, str) else b'"' + repr(value).encode()


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Ignores the failure that on_error=skip accepts an invalid row; keeps all others."""
    accepted = isinstance(failure, AcceptedNegativeData)
    return not (accepted and case.query.get("on_error") == "skip" and _has_skipped(response))


def _has_skipped(response: Any) -> bool:
    return response.status_code == 200 and any("errors" in row for row in response.json()["predictions"])
