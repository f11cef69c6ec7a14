"""A sample that lacks a column of a pipeline."""

import pytest

from tests.training.importing.imports import MODELS, VISITS, sample_table
from training.errors import TrainingError
from training.importing.readers.model_file import read_model
from training.importing.sample import read_sample


@pytest.mark.parametrize("missing", VISITS)
def test_a_column_that_the_sample_lacks_is_named_before_any_step(missing: str) -> None:
    table = sample_table(VISITS)[[name for name in VISITS if name != missing]]

    with pytest.raises(TrainingError, match=f"The sample has no column '{missing}', which the model takes"):
        read_model(MODELS / "skops-0.16.skops", read_sample(table, ""), trust=False)


def test_a_target_that_the_model_takes_is_named_as_such() -> None:
    sample = read_sample(sample_table(VISITS)[[*VISITS]], "shop")

    with pytest.raises(TrainingError, match="takes the column 'shop', which --target names"):
        read_model(MODELS / "skops-0.16.skops", sample, trust=False)
