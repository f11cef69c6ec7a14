"""Strict JSON parser: refuses duplicate names, NaN and incomplete surrogate pairs, as RFC 8259 advises."""

import json
import re
from typing import Any, NoReturn

import msgspec

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(body: bytes) -> Any:
    """Parses a JSON text in UTF-8; every number becomes a float.

    Raises:
        ValueError: When the text is not JSON, or an object contains one name twice.
        RecursionError: When it is nested too deeply.
    """
    if _SURROGATE.search(body):
        # The standard library accepts half of a surrogate pair.
        msgspec.json.decode(body)
    # Python refuses to parse an int of 4,301 digits; as a float, the field's bounds refuse it with a reason.
    return json.loads(
        body.decode(), object_pairs_hook=_distinct, parse_int=float, parse_constant=_refuse_constant
    )


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object contains the same name twice")
    return members


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")
