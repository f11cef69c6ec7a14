"""Query parameters."""

from typing import Any, Literal

import pytest

from serving.predict.options import Options, query_of_attributes, read_options
from serving.problem import Problem
from tests.reference import REFERENCE
from tests.tiny_bundle import tiny_manifest

Task = Literal["binary", "multiclass", "regression"]


def read(query: str, task: Task = "binary") -> Options:
    return read_options(query, tiny_manifest(task=task))


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {}),
        ("&&", {}),
        ("on_error=refuse&probabilities=false", {}),
        ("on_error=skip", {"skip": True}),
        ("probabilities=true&on_error=skip&", {"skip": True, "probabilities": True}),
        ("threshold=0.4", {"threshold": 0.4}),
        ("threshold=1e-1&probabilities=true", {"threshold": 0.1, "probabilities": True}),
        ("threshold=0&on%5ferror=s%6bip", {"threshold": 0.0, "skip": True}),
        ("threshold=1", {"threshold": 1.0}),
    ],
)
def test_a_query_is_parsed_to_options(query: str, options: dict[str, Any]) -> None:
    assert read(query) == Options(**options)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("on_error=skp", "The parameter on_error is 'skp': it must be refuse or skip."),
        ("on_error", "The parameter on_error is '': it must be refuse or skip."),
        ("probabilities=True", "The parameter probabilities is 'True': it must be true or false."),
        ("on_error=skip&on_error=skip", "The parameter on_error is given twice: give it once."),
        ("threshold=0&threshold=0", "The parameter threshold is given twice: give it once."),
        ("treshold=1", "There is no parameter 'treshold' for this model: did you mean threshold? There are "),
        ("x%ff=%00", "There is no parameter 'x\ufffd' for this model. There are on_error (refuse or skip), "),
        ("=", "There is no parameter '' for this model. "),
        ("%", "There is no parameter '%' for this model. "),
    ],
)
def test_an_invalid_query_is_400_and_names_the_parameter(query: str, sentence: str) -> None:
    with pytest.raises(Problem) as refused:
        read(query)

    assert refused.value.status == 400
    assert refused.value.detail.startswith(sentence)


def test_strict_is_a_parameter_of_models_whose_bundle_says_what_training_saw() -> None:
    with_reference = tiny_manifest(reference=REFERENCE)

    assert read_options("strict=true", with_reference) == Options(strict=True)
    assert read_options("strict=false", with_reference) == Options()
    with pytest.raises(Problem, match="There is no parameter 'strict' for this model"):
        read("strict=true")


def test_strict_and_reasons_are_read_from_the_custom_attributes_of_a_direct_caller() -> None:
    assert query_of_attributes(b"trace-1;reasons=4, strict=true") == b"reasons=4&strict=true"


@pytest.mark.parametrize(
    "value", ["", "1.1", "-0.1", "nan", "inf", "1e400", "+1", "%201", "1_0", ".5", "0,5", "null", "x"]
)
def test_a_threshold_is_a_number_from_0_to_1(value: str) -> None:
    with pytest.raises(Problem, match=r"threshold is .*: it must be a number from 0 to 1\."):
        read(f"threshold={value}")


@pytest.mark.parametrize(
    ("task", "query"),
    [
        ("multiclass", "threshold=0.5"),
        ("regression", "threshold=0.5"),
        ("regression", "probabilities=true"),
    ],
)
def test_a_parameter_of_another_task_is_unknown(task: Task, query: str) -> None:
    with pytest.raises(Problem) as refused:
        read(query, task)

    name = query.partition("=")[0]
    assert f"There is no parameter '{name}' for this model" in refused.value.detail
    assert f"{name} (" not in refused.value.detail
