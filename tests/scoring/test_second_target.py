"""Quantiles of the second target, as columns of scored files."""

import pytest

from tests.scoring.scored import HEADER, Scored
from tests.tiny_bundle import tiny_quantiles, write_tiny_bundle

ROWS = f"{HEADER}\n0,,,,ant\n3,,,,\n200,,,,\n"


@pytest.mark.parametrize("options", [["--quantiles"], ["--quantiles", "--prefix", "new_"]], ids=str)
def test_quantiles_of_the_second_target_are_columns_when_asked_for(tiny: Scored, options: list[str]) -> None:
    write_tiny_bundle(tiny.folder / "model.tar.gz", quantiles=tiny_quantiles())

    tiny.run(tiny.write("rows.csv", ROWS), options=options)

    prefix = "new_" if "--prefix" in options else ""
    found = [[row[f"{prefix}minutes_{name}"] for name in ("low", "median", "high")] for row in tiny.rows()]
    assert found == [["-5", "0", "20"], ["25", "30", "50"], ["", "", ""]]


def test_quantiles_need_a_bundle_with_a_second_target(tiny: Scored) -> None:
    sentence = tiny.refusal(tiny.write("rows.csv", ROWS), options=["--quantiles"])

    assert "The bundle has no second target" in sentence
