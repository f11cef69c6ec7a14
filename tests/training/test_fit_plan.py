import pytest

from training.errors import TrainingError
from training.fit_plan import overridden

DEFAULTS = {"leaves": 31, "rate": 0.1}


def test_a_given_hyperparameter_replaces_the_default_of_the_model() -> None:
    assert overridden(DEFAULTS, {"leaves": 15}) == {"leaves": 15, "rate": 0.1}


def test_a_text_value_is_converted_to_the_type_of_the_default() -> None:
    parameters = overridden(DEFAULTS, {"leaves": "15", "rate": "1"})

    assert parameters == {"leaves": 15, "rate": 1.0}
    assert [type(value) for value in parameters.values()] == [int, float]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"leafs": 3}, "There is no hyperparameter 'leafs': there are leaves, rate."),
        ({"leaves": "1.5"}, "The hyperparameter leaves must be a whole number, not '1.5'."),
        ({"rate": "fast"}, "The hyperparameter rate must be a number, not 'fast'."),
    ],
)
def test_an_invalid_hyperparameter_is_refused_in_one_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(TrainingError) as refusal:
        overridden(DEFAULTS, given)

    assert f"{refusal.value}" == sentence
