import re

import pytest

from training.catalog import load_model, model_names
from training.sagemaker.metrics import MAX_DEFINITIONS, definitions, lines


@pytest.mark.parametrize("value", [0.25, 1.0, -75.188, 1.2e-7, 123456789.0])
def test_a_definition_finds_the_figure_in_its_line(value: float) -> None:
    (line,) = lines({"log_loss": value})
    (definition,) = (one for one in definitions(load_model("iris")) if one["name"] == "log_loss")

    (found,) = re.findall(definition["regex"], f"[ 1.0 s] done\n{line}\n")

    assert float(found) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("name", model_names())
def test_sagemaker_takes_the_definitions_of_every_model(name: str) -> None:
    told = definitions(load_model(name))

    assert 0 < len({one["name"] for one in told}) == len(told) <= MAX_DEFINITIONS
