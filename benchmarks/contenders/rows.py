"""Pydantic models of the request row and the response, from the fields of the manifest."""

import datetime
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, create_model
from pydantic import Field as Constraint

from bundle import Field


class Label(BaseModel):
    """Prediction of a class."""

    label: str
    probability: float


class Value(BaseModel):
    """Prediction of a number."""

    value: float


class Identity(BaseModel):
    """Name and version of the model."""

    name: str
    version: str


def row_model(fields: Sequence[Field]) -> type[BaseModel]:
    """Returns the type of a row, which rejects unknown fields and checks bounds and patterns."""
    members: dict[str, Any] = {field.name: _member(field) for field in fields}
    return create_model("Row", __config__=ConfigDict(extra="forbid"), **members)


def response_model_for(*, labels: bool) -> type[BaseModel]:
    """Returns the type of a response body."""
    predictions: Any = list[Label] if labels else list[Value]
    return create_model("Response", predictions=(predictions, ...), model=(Identity, ...))


def _member(field: Field) -> tuple[Any, Any]:
    if field.is_number:
        kind: Any = int if field.type == "integer" else float
        kind = Annotated[kind, Constraint(ge=field.lowest, le=field.highest)]
    elif field.type == "boolean":
        kind = bool
    elif field.type == "date":
        kind = datetime.date
    elif field.values:
        kind = Literal[field.values]
    else:
        kind = Annotated[str, Constraint(pattern=field.shape, max_length=field.longest)]
    return (kind, ...) if field.required else (kind | None, None)
