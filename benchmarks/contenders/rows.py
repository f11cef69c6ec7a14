"""A request row as a pydantic model, made from the manifest's fields."""

import datetime
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, create_model
from pydantic import Field as Constraint

from bundle import Field


class Label(BaseModel):
    """A prediction of a class."""

    label: str
    probability: float


class Value(BaseModel):
    """A prediction of a number."""

    value: float


class Identity(BaseModel):
    """Which model answered."""

    name: str
    version: str


def row_model(fields: Sequence[Field]) -> type[BaseModel]:
    """The type of one row: unknown fields refused, bounds and patterns checked."""
    members: dict[str, Any] = {field.name: _member(field) for field in fields}
    return create_model("Row", __config__=ConfigDict(extra="forbid"), **members)


def answer_model(*, labels: bool) -> type[BaseModel]:
    """The type of a response body."""
    predictions: Any = list[Label] if labels else list[Value]
    return create_model("Answer", predictions=(predictions, ...), model=(Identity, ...))


def _member(field: Field) -> tuple[Any, Any]:
    if field.is_number:
        kind: Any = int if field.type == "integer" else float
        kind = Annotated[kind, Constraint(ge=field.lowest, le=field.highest)]
    elif field.type == "date":
        kind = datetime.date
    elif field.values:
        kind = Literal[field.values]
    else:
        kind = Annotated[str, Constraint(pattern=field.shape, max_length=field.longest)]
    return (kind, ...) if field.required else (kind | None, None)
