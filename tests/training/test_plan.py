import pytest

from training.errors import TrainingError
from training.plan import overridden

OWN = {"leaves": 31, "rate": 0.1}


def test_what_is_given_takes_the_place_of_the_models_own() -> None:
    assert overridden(OWN, {"leaves": 15}) == {"leaves": 15, "rate": 0.1}


def test_text_becomes_the_kind_of_number_that_it_stands_for() -> None:
    parameters = overridden(OWN, {"leaves": "15", "rate": "1"})

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
def test_what_cannot_be_is_refused_in_a_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(TrainingError) as refusal:
        overridden(OWN, given)

    assert f"{refusal.value}" == sentence
