import pytest

from training.sagemaker.errors import ContractError
from training.sagemaker.hyperparameters import OPTIONS, read_options


def test_hyperparameters_are_the_options_of_the_command() -> None:
    options = read_options({"model": "iris", "seed": "7"}, data=None)

    assert (options.model, options.seed, options.data, options.on) == ("iris", 7, None, "here")


def test_a_channel_is_the_data() -> None:
    assert read_options({"model": "iris"}, data="/opt/ml/rows/*").data == "/opt/ml/rows/*"


def test_a_channel_and_data_are_one_too_many() -> None:
    with pytest.raises(ContractError, match=r"^The job has a channel and a hyperparameter data"):
        read_options({"model": "iris", "data": "sample"}, data="/opt/ml/rows/*")


@pytest.mark.parametrize("value", ["--list", "-x", "--out=/etc"])
def test_a_value_is_never_taken_for_an_option(value: str) -> None:
    assert read_options({"model": "iris", "data": value}, data=None).data == value
    with pytest.raises(ContractError, match=f"there is no model '{value}'"):
        read_options({"model": value}, data=None)


def test_every_option_is_one_of_the_command() -> None:
    valid = {"data": "sample", "seed": "1", "tune": "1"}
    assert valid.keys() == set(OPTIONS)

    options = read_options({"model": "flight_delay", **valid}, data=None)

    assert {name: str(getattr(options, name)).removesuffix(".0") for name in OPTIONS} == valid
