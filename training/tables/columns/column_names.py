"""Names of fields: from those of columns, without characters that JSON escapes, each once."""

import json
import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from bundle import Columns, Field

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|[0-9]+")


def field_names(fields: Sequence[Field]) -> list[str]:
    """Returns a name for each field; a second one of the same name gets a number.

    The columns that a date becomes, such as `day_month`, count as names too.
    """
    taken: set[str] = set()
    names = []
    for field in fields:
        plain = json_name(field.name)
        name, number = plain, 2
        while taken.intersection(_claimed(field, name)):
            name, number = f"{plain} ({number})", number + 1
        taken.update(_claimed(field, name))
        names.append(name)
    return names


def json_name(name: str) -> str:
    """Replaces the characters that JSON escapes."""
    plain = name.replace('"', "'").replace("\\", "/")
    plain = " ".join("".join(char if char.isprintable() else " " for char in plain).split())
    return plain if plain and json.dumps(plain, ensure_ascii=False) == f'"{plain}"' else "column"


def unique_headers(header: Sequence[str]) -> list[str]:
    """Returns the names of a table's columns: an empty one is numbered, a repeated one gets a number."""
    taken: set[str] = set()
    names = []
    for position, text in enumerate(header):
        plain = text.strip() or f"column {position + 1}"
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain} ({number})", number + 1
        taken.add(name)
        names.append(name)
    return names


def repeated_headers(header: Sequence[str]) -> dict[str, int]:
    """Returns how often each name occurs that more than one column has."""
    counts = Counter(text.strip() for text in header if text.strip())
    return {name: count for name, count in counts.items() if count > 1}


def described(name: str) -> str:
    """Returns the name of a column as a short sentence: "Monthly charges." of "MonthlyCharges"."""
    is_plain = name.isascii() and name.isidentifier()
    words = " ".join(_WORDS.findall(name)) if is_plain else name.replace("_", " ")
    words = words if words.isupper() else words[:1].upper() + words[1:].lower()
    return f"{words.rstrip('.') or name}."


def _claimed(field: Field, name: str) -> set[str]:
    columns = Columns((msgspec.structs.replace(field, name=name),))
    return {name, *columns.numbers, *columns.strings}
