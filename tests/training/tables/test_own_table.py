"""Rows of a user's own table: which row of the file a message means."""

from pathlib import Path

import pandas as pd
import pytest

from tests.training.tables.tables import customers, write_csv
from training.checks.datasets import read_dataset
from training.data.data_options import DataOptions
from training.errors import TrainingError
from training.progress import SILENT
from training.tables.table_preparation import TableRequest, prepare


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("maximum = 500", "'price' has 999.0 in row 302 below the header, which is not at most"),
        ("minimum = -50", "'price' has -99.5 in row 6 below the header, which is not at least"),
    ],
)
def test_a_value_that_breaks_a_correction_is_named_by_its_row_in_the_file(
    tmp_path: Path, rule: str, sentence: str
) -> None:
    table = customers().astype(object)
    # The newest rows are first, one has no target, and one repeats the header: the model has another order.
    table.insert(0, "signed on", pd.date_range("2024-01-01", periods=400)[::-1].strftime("%Y-%m-%d"))
    table.loc[2, "churned"] = ""
    table.loc[300, "price"], table.loc[5, "price"] = "999", "-99.5"
    table.loc[100] = table.columns.tolist()
    table = pd.concat([table.iloc[:101], table.iloc[100:]])
    request = TableRequest(source=str(write_csv(tmp_path, table)), target="churned", out=tmp_path / "out")
    model = prepare(request, SILENT).model
    toml = tmp_path / "out" / "table.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('name = "price"', f'name = "price"\n{rule}'), encoding="utf-8")

    with pytest.raises(TrainingError, match=sentence):
        read_dataset(prepare(request, SILENT).model, DataOptions(source=request.source))

    assert model.task == "binary"
