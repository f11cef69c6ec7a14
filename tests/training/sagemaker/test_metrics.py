import re

import pytest

from training.model_catalog import load_model, model_names
from training.sagemaker.metrics import MAX_DEFINITIONS, log_lines, metric_definitions


@pytest.mark.parametrize("value", [0.25, 1.0, -75.188, 1.2e-7, 123456789.0])
def test_a_definition_matches_the_metric_in_its_log_line(value: float) -> None:
    (line,) = log_lines({"log_loss": value})
    (definition,) = (one for one in metric_definitions(load_model("iris")) if one["name"] == "log_loss")

    (found,) = re.findall(definition["regex"], f"[ 1.0 s] done\n{line}\n")

    assert float(found) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("name", model_names())
def test_the_definitions_of_every_model_are_within_sagemakers_limit(name: str) -> None:
    definitions = metric_definitions(load_model(name))

    assert 0 < len({one["name"] for one in definitions}) == len(definitions) <= MAX_DEFINITIONS
