"""Names of labels: their order, those that a user gives, and numbers as names."""

from collections.abc import Sequence

import numpy as np
import pytest

from training.errors import TrainingError
from training.importing.graphs.label_names import fitting_labels, label_text
from training.importing.sample_targets import read_answers

THREE = np.eye(3)[[0, 1, 2, 0, 1, 2]]


@pytest.mark.parametrize(
    ("answers", "expected", "order"),
    [
        ([str(number) for number in range(11)], [str(number) for number in range(11)], "ascending"),
        (["2.0", "10.0", "1.0"], ["1", "2", "10"], "ascending"),
        (["007", "01", "1.5"], ["01", "1.5", "007"], "ascending"),
        (["b", "10", "9"], ["10", "9", "b"], "alphabetical"),
    ],
)
def test_labels_that_only_the_target_names_are_in_the_order_of_numbers(
    answers: list[str], expected: list[str], order: str
) -> None:
    shares = np.full((5, len(answers)), 1 / len(answers))

    labels, [note] = fitting_labels([], shares, predictions=None, given=(), answers=answers * 5)

    assert labels == tuple(expected)
    assert f"those of the target in {order} order: {', '.join(expected)}" in note


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("a", "b", "a"), "empty or there twice"),
        (("a", "b", ""), "empty or there twice"),
        (("a", "b"), "The given labels are 2"),
        (("z", "y", "x"), "those of the model in another order: its probabilities have the order x, y, z"),
    ],
)
def test_given_labels_that_contradict_the_model_are_refused(given: Sequence[str], sentence: str) -> None:
    with pytest.raises(TrainingError, match=sentence):
        fitting_labels(
            [["x", "y", "z"]], THREE, predictions=np.array(["x", "y", "z"] * 2), given=given, answers=None
        )


def test_the_only_list_of_labels_is_taken_though_many_predicted_labels_are_not_the_most_probable_one() -> (
    None
):
    # Given a support vector machine whose own label is the most probable one in 2 of 5 rows.
    shares = np.eye(4)[[0, 1, 2, 3, 3]]
    predictions = np.array([0, 1, 3, 2, 1])

    labels, notes = fitting_labels([[0, 1, 2, 3]], shares, predictions=predictions, given=(), answers=None)

    assert labels == ("0", "1", "2", "3")
    assert not notes


def test_labels_of_many_digits_keep_them() -> None:
    assert label_text(1_000_000_007.0) == "1000000007"

    answers = read_answers(["1000000007.0", "1000000000"], ["1000000000", "1000000007"])

    assert answers.target is not None
    assert answers.target.tolist() == [1, 0]


@pytest.mark.parametrize("text", ["inf", "-inf", "many"])
def test_an_answer_that_is_no_finite_number_is_refused_by_a_regression(text: str) -> None:
    with pytest.raises(TrainingError, match=f"The target has '{text}' in row 1 .* finite numbers"):
        read_answers(["1.5", text], ())
