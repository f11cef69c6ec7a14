import pytest

from training.sagemaker.errors import ContractError
from training.sagemaker.hyperparameters import OPTIONS, read_options


def test_hyperparameters_are_options_of_the_command() -> None:
    options = read_options({"model": "iris", "seed": "7"}, data=None)

    assert (options.model, options.seed, options.data, options.on) == ("iris", 7, None, "here")


def test_a_channel_is_the_option_data() -> None:
    assert read_options({"model": "iris"}, data="/opt/ml/rows/*").data == "/opt/ml/rows/*"


def test_a_channel_and_the_hyperparameter_data_together_are_refused() -> None:
    with pytest.raises(
        ContractError, match=r"^The job has both an input channel and the hyperparameter data"
    ):
        read_options({"model": "iris", "data": "sample"}, data="/opt/ml/rows/*")


def test_a_channel_of_weather_is_the_option_weather() -> None:
    options = read_options({"model": "iris"}, data="/opt/ml/rows/*", weather="/opt/ml/weather.csv")

    assert options.weather == "/opt/ml/weather.csv"
    with pytest.raises(ContractError, match="both an input channel and the hyperparameter weather"):
        read_options({"model": "iris", "weather": "iem"}, data=None, weather="/opt/ml/weather.csv")


@pytest.mark.parametrize("value", ["--list", "-x", "--out=/etc"])
def test_a_value_is_never_parsed_as_an_option(value: str) -> None:
    assert read_options({"model": "iris", "data": value}, data=None).data == value
    with pytest.raises(ContractError, match=f"The hyperparameters are invalid: .*'{value}'"):
        read_options({"model": value}, data=None)


def test_every_hyperparameter_is_an_option_of_the_command() -> None:
    valid = {"data": "sample", "weather": "iem", "seed": "1", "tune": "1", "cuts": "2"}
    valid |= {"holdout": "14", "simplest": "True"}
    assert valid.keys() == set(OPTIONS)

    options = read_options({"model": "flight_delay", **valid}, data=None)

    assert {name: str(getattr(options, name)).removesuffix(".0") for name in OPTIONS} == valid


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("False", False)])
def test_the_switch_is_true_or_false(value: str, expected: bool) -> None:
    assert read_options({"model": "iris", "simplest": value}, data=None).simplest is expected
    with pytest.raises(ContractError, match="simplest is 'yes': give true or false"):
        read_options({"model": "iris", "simplest": "yes"}, data=None)
