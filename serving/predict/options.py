"""Query parameters of a prediction request."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote_plus

import msgspec

from bundle import MOST_REASONS, Manifest
from serving.problem import Problem
from serving.rows.row_error_messages import nearest, printable


class Options(NamedTuple):
    """Options of one request.

    Attributes:
        skip: Whether an invalid row gets its errors as its result, instead of a refusal of the request.
        probabilities: Whether each prediction has the probability of every label.
        threshold: Probability from which a binary model predicts its positive label; None for the bundle's.
        strict: Whether a row with a warning is an invalid row.
        reasons: Most reasons of each prediction; 0 for predictions without reasons.
        quantiles: Whether each prediction has the quantiles of the second target.
    """

    skip: bool = False
    probabilities: bool = False
    threshold: float | None = None
    strict: bool = False
    reasons: int = 0
    quantiles: bool = False


NO_OPTIONS = Options()


class _Parameter(NamedTuple):
    """One parameter: the option that it sets, its values or their type, and its rule for people."""

    option: str
    values: Any
    rule: str


_PARAMETERS = {
    "on_error": _Parameter("skip", {"refuse": False, "skip": True}, "refuse or skip"),
    "probabilities": _Parameter("probabilities", {"false": False, "true": True}, "true or false"),
    "threshold": _Parameter("threshold", Annotated[float, msgspec.Meta(ge=0, le=1)], "a number from 0 to 1"),
    "strict": _Parameter("strict", {"false": False, "true": True}, "true or false"),
    "reasons": _Parameter(
        "reasons",
        Annotated[int, msgspec.Meta(ge=1, le=MOST_REASONS)],
        f"a whole number from 1 to {MOST_REASONS}",
    ),
}
_ALLOWED = {
    "binary": ("on_error", "probabilities", "threshold"),
    "multiclass": ("on_error", "probabilities"),
    "regression": ("on_error",),
}
# The parameter of models with a second target has the name of the target.
_QUANTILES = _Parameter("quantiles", {"false": False, "true": True}, "true or false")
# Parameters of models whose bundle says what training saw.
_NEED_REFERENCE = ("strict", "reasons")
# Separators of parameters in use in custom attributes, whose form SageMaker does not define.
_SEPARATORS = re.compile(rb"[&;,\s]+")
_OWN = frozenset(name.encode() for name in _PARAMETERS)
# A parameter that may be a second target's: the model that knows is chosen later.
_FLAG = re.compile(rb"[a-z][a-z0-9_]*=(true|false)")
# Begins a query in which such a parameter may be none of ours; no query of a URL can begin with it.
_SHARED = b" "


def query_of_attributes(attributes: bytes) -> bytes:
    """Returns the parameters of a prediction in SageMaker's custom attributes as a query.

    The header belongs to the caller, who may send a trace id in it: text that is no parameter of ours is left
    out, here or in `read_options`. The API's invoker sends the query of a URL after "&"; then all counts.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
    """
    if attributes.startswith(b"&"):
        return attributes
    parts = _SEPARATORS.split(attributes)
    kept = [part for part in parts if part.partition(b"=")[0] in _OWN or _FLAG.fullmatch(part)]
    is_sure = all(part.partition(b"=")[0] in _OWN for part in kept)
    return b"&".join(kept) if is_sure else _SHARED + b"&".join(kept)


def read_options(query: str, manifest: Manifest) -> Options:
    """Parses the query of a prediction request.

    Args:
        query: Percent-encoded query of a URL, without its question mark; or what `query_of_attributes`
            returned.
        manifest: Manifest of the model, whose task decides the allowed parameters.

    Raises:
        Problem: 400 when a parameter is unknown, repeated or invalid.
    """
    allowed = _allowed(manifest)
    is_shared = query.startswith(_SHARED.decode())
    found: dict[str, Any] = {}
    for part in filter(None, query.strip(" ").split("&")):
        name, _, value = map(unquote_plus, part.partition("="))
        if is_shared and name not in allowed and name not in _PARAMETERS:
            continue
        if name not in allowed:
            raise Problem(400, _unknown(name, allowed))
        parameter = allowed[name]
        if parameter.option in found:
            raise Problem(400, f"The parameter {name} is given twice: give it once.")
        found[parameter.option] = _value(name, parameter, value)
    return Options(**found)


def _allowed(manifest: Manifest) -> dict[str, _Parameter]:
    names = (*_ALLOWED[manifest.task], *(_NEED_REFERENCE if manifest.reference else ()))
    second = {manifest.quantiles.name: _QUANTILES} if manifest.quantiles else {}
    return {**{name: _PARAMETERS[name] for name in names}, **second}


def _value(name: str, parameter: _Parameter, value: str) -> Any:
    try:
        if isinstance(parameter.values, dict):
            return parameter.values[value]
        # Not strict, msgspec reads a JSON number from a text, but not " 1", "nan" or "1_0".
        return msgspec.convert(value, parameter.values, strict=False)
    except (KeyError, msgspec.ValidationError):
        sentence = f"The parameter {name} is {printable(value)!r}: it must be {parameter.rule}."
        raise Problem(400, sentence) from None


def _unknown(name: str, allowed: Mapping[str, _Parameter]) -> str:
    near = nearest(name, tuple(allowed))
    hint = f": did you mean {near}?" if near else "."
    known = ", ".join(f"{name} ({parameter.rule})" for name, parameter in allowed.items())
    return f"There is no parameter {printable(name)!r} for this model{hint} There are {known}."
