"""JSONPath expressions of data processing: the operators that SageMaker supports.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

_NAME = r"[A-Za-z_][\w-]*"
_QUOTED = r"'[^']*'|\"[^\"]*\""
_STEP = re.compile(
    rf"\.?\[\s*(?P<names>(?:{_QUOTED})(?:\s*,\s*(?:{_QUOTED}))*)\s*\]"
    r"|\[\s*(?P<places>-?\d*(?::-?\d*)?(?:\s*,\s*-?\d*(?::-?\d*)?)*)\s*\]"
    r"|(?P<all>\.\*|\[\*\])"
    rf"|\.(?P<name>{_NAME})"
)
_OPERATORS = "$, .name, ['name', ...], [index, ...], [start:end] and *"


class JsonPathError(ValueError):
    """An expression is not supported, or it selects nothing in a record; the message says which."""


class _Step(NamedTuple):
    """One step: children by name, or elements by index or slice; all children without either."""

    names: tuple[str, ...] = ()
    places: tuple[int | slice, ...] = ()


class JsonPath:
    """An expression.

    Args:
        text: The expression.

    Raises:
        JsonPathError: It has another operator, or goes on after several names or elements.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._steps = _parse(text)
        if any(_is_union(step) for step in self._steps[:-1]):
            raise JsonPathError(f"{text} goes on after several names or elements, which is not supported")

    @property
    def is_root(self) -> bool:
        """Whether the path selects the whole record."""
        return not self._steps

    def select(self, record: Any) -> Any:
        """Returns what the expression selects in a record.

        Several names give an object, several elements or a slice an array, and one the value itself.

        Raises:
            JsonPathError: The record lacks a name or an index.
        """
        for step in self._steps:
            record = self._take(record, step)
        return record

    def _take(self, value: Any, step: _Step) -> Any:
        try:
            if step.names:
                found = {name: value[name] for name in step.names}
                return found if len(step.names) > 1 else found[step.names[0]]
            if step.places:
                return _elements(value, step.places)
            return [*value.values()] if isinstance(value, dict) else [*value]
        except (KeyError, IndexError, TypeError):
            raise JsonPathError(f"{self._text} is not in the record") from None


def _parse(text: str) -> tuple[_Step, ...]:
    if not text.startswith("$"):
        raise JsonPathError(f"{text} does not begin with $")
    steps = []
    position = 1
    while position < len(text):
        found = _STEP.match(text, position)
        if not found or found["places"] == "":
            raise JsonPathError(f"{text} has an operator that is not supported: there are {_OPERATORS}")
        steps.append(_step(found))
        position = found.end()
    return tuple(steps)


def _step(found: re.Match[str]) -> _Step:
    if found["names"]:
        return _Step(names=tuple(name[1:-1] for name in re.findall(_QUOTED, found["names"])))
    if found["name"]:
        return _Step(names=(found["name"],))
    if found["places"]:
        return _Step(places=tuple(_place(part.strip()) for part in found["places"].split(",")))
    return _Step()


def _place(text: str) -> int | slice:
    if ":" not in text:
        if not text:
            raise JsonPathError("an index is missing between two commas")
        return int(text)
    start, _, end = text.partition(":")
    return slice(int(start) if start else None, int(end) if end else None)


def _is_union(step: _Step) -> bool:
    return (
        len(step.names) > 1
        or len(step.places) > 1
        or any(isinstance(place, slice) for place in step.places)
        or step == _Step()
    )


def _elements(values: Any, places: Sequence[int | slice]) -> Any:
    if not isinstance(values, list):
        raise TypeError
    if len(places) == 1 and isinstance(places[0], int):
        return values[places[0]]
    found: list[Any] = []
    for place in places:
        found += values[place] if isinstance(place, slice) else [values[place]]
    return found
