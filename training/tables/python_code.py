"""Python code of values, laid out as the project's formatter does."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CODE_WIDTH = 110
_INDENT = 4


class Code(str):
    """Text that is code already, such as a name."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class CallCode:
    """A call with keyword arguments.

    Attributes:
        name: Name of the callable.
        given: Values of the arguments: strings, numbers, tuples, dictionaries, `Code` and further calls.
    """

    name: str
    given: Mapping[str, Any]


def python_code(value: Any, *, indent: int = 0, before: int = 0) -> str:
    """Returns the code of a value: in one line where it fits, else with one part a line.

    Args:
        value: As in `CallCode.given`, or a call.
        indent: Indentation of the line that the code begins in.
        before: Number of characters in that line between its indentation and the code.
    """
    flat = _flat(value)
    # A comma may follow.
    if indent + before + _width(flat) < CODE_WIDTH or not (parts := [*_parts(value)]):
        return flat
    inner = indent + _INDENT
    lines = [
        f"{' ' * inner}{key}{python_code(part, indent=inner, before=_width(key))},\n" for key, part in parts
    ]
    start, end = _brackets(value)
    return f"{start}\n{''.join(lines)}{' ' * indent}{end}"


def assignment(name: str, value: Any) -> str:
    """Returns the code that assigns a value to a name."""
    return f"{name} = {python_code(value, before=len(name) + 3)}"


def is_too_long(line: str) -> bool:
    """Tells whether a line is longer than the linter allows: one of a single word may be."""
    return _width(line) > CODE_WIDTH and len(line.split()) > 1


def _width(text: str) -> int:
    """Returns the number of cells that a text fills: wide letters, as of Chinese, fill two."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return value if isinstance(value, Code) else _text(value)
    if not isinstance(value, (CallCode, Mapping, tuple)):
        return repr(value)
    start, end = _brackets(value)
    inside = ", ".join(f"{key}{_flat(part)}" for key, part in _parts(value))
    return f"{start}{inside}{',' if isinstance(value, tuple) and len(value) == 1 else ''}{end}"


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yields what stands before each part of a value, and the part."""
    if isinstance(value, CallCode):
        yield from ((f"{key}=", part) for key, part in value.given.items())
    elif isinstance(value, Mapping):
        yield from ((f"{_flat(key)}: ", part) for key, part in value.items())
    elif isinstance(value, tuple):
        yield from (("", part) for part in value)


def _brackets(value: Any) -> tuple[str, str]:
    if isinstance(value, CallCode):
        return f"{value.name}(", ")"
    return ("{", "}") if isinstance(value, Mapping) else ("(", ")")


def _text(text: str) -> str:
    """Writes a string in double quotes, unless single ones need fewer escapes."""
    # With a double quote in it, repr has single quotes, and escapes those of the text.
    single = repr('"' + text)[2:-1]
    if text.count('"') > text.count("'"):
        return f"'{single}'"
    return '"' + single.replace("\\'", "'").replace('"', '\\"') + '"'
