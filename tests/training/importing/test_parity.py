import numpy as np
import pytest
from numpy.typing import NDArray

from training.errors import TrainingError
from training.importing.parity import check_parity

COMPOSED = np.array([[0.25, 0.75], [0.5, 0.5], [0.1, 0.9]])


def test_a_difference_above_the_tolerance_names_the_first_row_and_the_cure() -> None:
    other = COMPOSED + np.array([[0.0], [2e-5], [0.1]])

    with pytest.raises(TrainingError, match="first for row 1 of the sample") as found:
        check_parity(COMPOSED, lambda _: other, labels=("no", "yes"), cure="Do this")

    assert "in 2 of 3 rows" in str(found.value)
    assert str(found.value).endswith("Do this.")


def test_the_tolerance_of_values_is_relative_to_the_largest() -> None:
    values = np.array([[1000.0], [2.0]])

    parity = check_parity(values, lambda _: values + 0.009, labels=(), cure="")

    assert parity.difference == pytest.approx(0.009)


def test_predictions_that_float32_changes_are_a_note() -> None:
    def original(rounded: bool) -> NDArray[np.float64]:
        return COMPOSED if rounded else COMPOSED[:, ::-1]

    note = check_parity(COMPOSED, original, labels=("no", "yes"), cure="").note

    assert "2 of 3 sample rows change" in note
    assert "2 of them to another label" in note
    assert "first row 0, from (0.75, 0.25) to (0.25, 0.75)" in note


def test_an_absent_prediction_differs_from_a_number() -> None:
    absent = COMPOSED.copy()
    absent[2] = np.nan

    with pytest.raises(TrainingError, match="row 2"):
        check_parity(COMPOSED, lambda _: absent, labels=("no", "yes"), cure="")


def test_a_row_may_be_predicted_as_the_original_predicts_its_exact_numbers() -> None:
    def original(rounded: bool) -> NDArray[np.float64]:
        return COMPOSED[:, ::-1] if rounded else COMPOSED

    parity = check_parity(COMPOSED, original, labels=("no", "yes"), cure="")

    assert parity.difference == 0
    assert parity.note == ""
