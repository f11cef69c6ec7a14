"""JSONPath: the operators that SageMaker documents for data processing, and refusals of all others."""

from typing import Any

import pytest

from local.sagemaker.transform.records.json_path import JsonPath, JsonPathError

RECORD = {"id": 7, "row": [1, 2, 3, 4], "of": {"a": 1, "b": {"c": 2}}}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("$", RECORD),
        ("$.id", 7),
        ("$.of.b.c", 2),
        ("$['id']", 7),
        ('$["of"]["a"]', 1),
        ("$['id','of']", {"id": 7, "of": RECORD["of"]}),
        ("$.of['a', 'b']", RECORD["of"]),
        ("$.of.['a','b']", RECORD["of"]),
        ("$.row[0]", 1),
        ("$.row[-1]", 4),
        ("$.row[1:]", [2, 3, 4]),
        ("$.row[:-1]", [1, 2, 3]),
        ("$.row[0,2:]", [1, 3, 4]),
        ("$.row[3,0]", [4, 1]),
        ("$.of.*", [1, {"c": 2}]),
        ("$.row[*]", [1, 2, 3, 4]),
    ],
)
def test_an_expression_selects_a_part_of_a_record(text: str, selected: Any) -> None:
    assert JsonPath(text).select(RECORD) == selected


@pytest.mark.parametrize(
    "text", ["id", "$..id", "$.row[?(@ > 1)]", "$.row[::2]", "$.", "$[]", "$.row[0,]", "$ "]
)
def test_every_other_expression_is_refused(text: str) -> None:
    with pytest.raises(JsonPathError):
        JsonPath(text)


def test_nothing_can_follow_several_names() -> None:
    with pytest.raises(JsonPathError, match="goes on after several names"):
        JsonPath("$['id','of'].b")


@pytest.mark.parametrize(
    "text", ["$.absent", "$.row[9]", "$.id[0]", "$.row.name", "$['id','absent']", "$.of[0]"]
)
def test_a_record_without_the_part_is_an_error(text: str) -> None:
    with pytest.raises(JsonPathError, match="is not in the record"):
        JsonPath(text).select(RECORD)
