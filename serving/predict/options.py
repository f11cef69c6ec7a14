"""The query parameters of a prediction."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote_plus

import msgspec

from bundle import Manifest
from serving.problem import Problem
from serving.rows.rule_sentences import nearest, printable


class Options(NamedTuple):
    """How one request wants to be answered.

    Attributes:
        skip: Whether a wrong row gets its errors in its place and does not refuse the request.
        probabilities: Whether each prediction comes with the probability of every label.
        threshold: Probability from which a binary model answers its positive label; None for the bundle's.
    """

    skip: bool = False
    probabilities: bool = False
    threshold: float | None = None


NO_OPTIONS = Options()


class _Parameter(NamedTuple):
    option: str
    values: Mapping[str, Any] | None
    rule: str


_PARAMETERS = {
    "on_error": _Parameter("skip", {"refuse": False, "skip": True}, "refuse or skip"),
    "probabilities": _Parameter("probabilities", {"false": False, "true": True}, "true or false"),
    "threshold": _Parameter("threshold", None, "a number from 0 to 1"),
}
_TAKEN = {
    "binary": ("on_error", "probabilities", "threshold"),
    "multiclass": ("on_error", "probabilities"),
    "regression": ("on_error",),
}
_THRESHOLD = Annotated[float, msgspec.Meta(ge=0, le=1)]


def read_options(query: str, manifest: Manifest) -> Options:
    """The options that a query asks for.

    Args:
        query: As in a URL, without its question mark: names and values, percent-encoded.
        manifest: Of the model, whose task decides which parameters there are.

    Raises:
        Problem: 400 when a parameter is unknown, given twice or wrong.
    """
    taken = _TAKEN[manifest.task]
    found: dict[str, Any] = {}
    for part in filter(None, query.split("&")):
        name, _, value = map(unquote_plus, part.partition("="))
        if name not in taken:
            raise Problem(400, _unknown(name, taken))
        parameter = _PARAMETERS[name]
        if parameter.option in found:
            raise Problem(400, f"The parameter {name} is given twice: give it once.")
        found[parameter.option] = _value(name, parameter, value)
    return Options(**found)


def _value(name: str, parameter: _Parameter, value: str) -> Any:
    try:
        if parameter.values is None:
            # Not strict: text that is a number as JSON has them, so neither " 1" nor "nan" nor "1_0".
            return msgspec.convert(value, _THRESHOLD, strict=False)
        return parameter.values[value]
    except (KeyError, msgspec.ValidationError):
        sentence = f"The parameter {name} is {printable(value)!r}: it must be {parameter.rule}."
        raise Problem(400, sentence) from None


def _unknown(name: str, taken: tuple[str, ...]) -> str:
    near = nearest(name, taken)
    hint = f": did you mean {near}?" if near else "."
    known = ", ".join(f"{parameter} ({_PARAMETERS[parameter].rule})" for parameter in taken)
    return f"There is no parameter {printable(name)!r} for this model{hint} There are {known}."
