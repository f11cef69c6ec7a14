"""Which fields a row is wrong in, and what is said of each."""

from typing import Any

import pytest

from bundle import Field
from serving.rows.rows import Fault
from serving.rows.rules import Misfit, Rules, Sentences

FIELDS = [
    Field(name="must", type="number", example=1),
    Field(name="may", type="string", required=False, pattern="^[a-z]+$", example="a"),
]


@pytest.mark.parametrize(
    ("row", "broken"),
    [
        ({"must": 1}, []),
        ({"must": 1, "may": None}, []),
        ({}, ["must"]),
        ({"must": None, "may": 1}, ["must", "may"]),
        ({"most": 1, "may": "A"}, ["most", "must", "may"]),
        (Misfit("must be a row"), [""]),
    ],
)
def test_a_row_is_wrong_under_these_names(row: Any, broken: list[str]) -> None:
    rules = Rules(FIELDS)

    assert rules.broken(row) == broken
    assert (rules.row(row) is None) == bool(broken)


def test_the_values_of_a_row_that_is_right_stand_in_field_order() -> None:
    assert Rules(FIELDS).row({"may": "a", "must": 1}) == (1.0, "a")


@pytest.mark.parametrize(
    ("row", "name", "fault"),
    [
        ({}, "must", Fault("must", "is required and must be a number")),
        ({"must": "1"}, "must", Fault("must", "must be a number")),
        ({"most": 1}, "most", Fault("most", "is not a field of this model: did you mean must?")),
        ({"datas": 1}, "datas", Fault("datas", "is not a field of this model: did you mean data?")),
        ({"\ud800": 1}, "\ud800", Fault("?", "is not a field of this model")),
        (Misfit("must be a row"), "", Fault(None, "must be a row")),
    ],
)
def test_a_fault_says_what_is_wrong(row: Any, name: str, fault: Fault) -> None:
    assert Sentences(FIELDS, also=["data"]).fault(row, name) == fault
