"""Invalid names of a row, and the error of each."""

from typing import Any

import pytest

from bundle import Field
from serving.problem import Problem
from serving.rows.request_rows import FieldError, InvalidRow
from serving.rows.row_validator import ErrorDescriber, MalformedRow, RowValidator

FIELDS = [
    Field(name="must", type="number", example=1),
    Field(name="may", type="string", required=False, pattern="^[a-z]+$", example="a"),
]


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ({"must": 1}, []),
        ({"must": 1, "may": None}, []),
        ({}, ["must"]),
        ({"must": None, "may": 1}, ["must", "may"]),
        ({"most": 1, "may": "A"}, ["most", "must", "may"]),
        (MalformedRow("must be a row"), [""]),
    ],
)
def test_every_unknown_name_and_invalid_field_is_listed(row: Any, names: list[str]) -> None:
    validator = RowValidator(FIELDS)

    assert validator.invalid_names(row) == names
    assert (validator.values(row) is None) == bool(names)


def test_the_values_of_a_valid_row_have_the_order_of_the_fields() -> None:
    assert RowValidator(FIELDS).values({"may": "a", "must": 1}) == (1.0, "a")


def test_invalid_rows_are_refused_or_skipped() -> None:
    validator = RowValidator(FIELDS)
    rows: list[Any] = [{}, {"must": 1}, {"must": "1"}]

    with pytest.raises(Problem, match="The request has 2 errors in 2 of its 3 rows") as refused:
        validator.validate(rows, skip=False)
    found = validator.validate(rows, skip=True)

    assert [(error.row, error.field) for error in refused.value.errors] == [(0, "must"), (2, "must")]
    assert (found.columns, found.size) == ({"must": (1.0,), "may": (None,)}, 1)
    assert found.invalid == {
        0: InvalidRow([FieldError("must", "is required and must be a number")]),
        2: InvalidRow([FieldError("must", "must be a number")]),
    }


@pytest.mark.parametrize(
    ("row", "name", "error"),
    [
        ({}, "must", FieldError("must", "is required and must be a number")),
        ({"must": "1"}, "must", FieldError("must", "must be a number")),
        ({"most": 1}, "most", FieldError("most", "is not a field of this model: did you mean must?")),
        ({"datas": 1}, "datas", FieldError("datas", "is not a field of this model: did you mean data?")),
        ({"\ud800": 1}, "\ud800", FieldError("?", "is not a field of this model")),
        (MalformedRow("must be a row"), "", FieldError(None, "must be a row")),
    ],
)
def test_an_error_describes_the_broken_rule(row: Any, name: str, error: FieldError) -> None:
    assert ErrorDescriber(FIELDS, members=["data"]).describe(row, name) == error
