"""Query parameters of a prediction request."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote_plus

import msgspec

from bundle import Manifest
from serving.problem import Problem
from serving.rows.rule_sentences import nearest, printable


class Options(NamedTuple):
    """Options of one request.

    Attributes:
        skip: Whether an invalid row gets its errors as its result, instead of a refusal of the request.
        probabilities: Whether each prediction has the probability of every label.
        threshold: Probability from which a binary model predicts its positive label; None for the bundle's.
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
_ALLOWED = {
    "binary": ("on_error", "probabilities", "threshold"),
    "multiclass": ("on_error", "probabilities"),
    "regression": ("on_error",),
}
# Separators of parameters in use in custom attributes, whose form SageMaker does not define.
_SEPARATORS = re.compile(rb"[&;,\s]+")
_OWN = frozenset(name.encode() for name in _PARAMETERS)
_THRESHOLD = Annotated[float, msgspec.Meta(ge=0, le=1)]


def query_of_attributes(attributes: bytes) -> bytes:
    """Returns the parameters of a prediction in SageMaker's custom attributes as a query.

    The header belongs to the caller, who may send a trace id in it: what is not a parameter of ours is left
    out. The API's invoker sends the query of a URL after "&"; then all of it counts.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
    """
    if attributes.startswith(b"&"):
        return attributes
    parts = _SEPARATORS.split(attributes)
    return b"&".join(part for part in parts if part.partition(b"=")[0] in _OWN)


def read_options(query: str, manifest: Manifest) -> Options:
    """Parses the query of a prediction request.

    Args:
        query: Percent-encoded query of a URL, without its question mark.
        manifest: Manifest of the model, whose task decides the allowed parameters.

    Raises:
        Problem: 400 when a parameter is unknown, repeated or invalid.
    """
    allowed = _ALLOWED[manifest.task]
    found: dict[str, Any] = {}
    for part in filter(None, query.split("&")):
        name, _, value = map(unquote_plus, part.partition("="))
        if name not in allowed:
            raise Problem(400, _unknown(name, allowed))
        parameter = _PARAMETERS[name]
        if parameter.option in found:
            raise Problem(400, f"The parameter {name} is given twice: give it once.")
        found[parameter.option] = _value(name, parameter, value)
    return Options(**found)


def _value(name: str, parameter: _Parameter, value: str) -> Any:
    try:
        if parameter.values is None:
            # Not strict, msgspec reads a JSON number from a text, but not " 1", "nan" or "1_0".
            return msgspec.convert(value, _THRESHOLD, strict=False)
        return parameter.values[value]
    except (KeyError, msgspec.ValidationError):
        sentence = f"The parameter {name} is {printable(value)!r}: it must be {parameter.rule}."
        raise Problem(400, sentence) from None


def _unknown(name: str, allowed: tuple[str, ...]) -> str:
    near = nearest(name, allowed)
    hint = f": did you mean {near}?" if near else "."
    known = ", ".join(f"{parameter} ({_PARAMETERS[parameter].rule})" for parameter in allowed)
    return f"There is no parameter {printable(name)!r} for this model{hint} There are {known}."
