"""Rules of two fields, in batches where each pair of values occurs in many rows."""

from pathlib import Path

import numpy as np

from bundle import Field
from scoring.fields.record_reader import RecordReader
from scoring.inputs.csv_file_rows import CsvFileRows
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.row_reader import RowReader

FIELDS = (
    Field(name="kind", type="string", description="K.", example="ant"),
    Field(name="other", type="string", differs_from="kind", description="O.", example="bee"),
    Field(name="first", type="date", description="F.", example="2024-02-28"),
    Field(name="last", type="date", required=False, not_less_than="first", description="L.", example=""),
)


def test_a_row_is_refused_when_its_own_pair_of_values_breaks_the_rule(tmp_path: Path) -> None:
    # Given
    draw = np.random.default_rng(7)
    kinds, days = ["ant", "bee", "cow"], ["2024-02-28", "2024-02-29", "2024-03-01"]
    values = (kinds, kinds, days, [*days, ""])
    rows = [*zip(*(draw.choice(one, 500).tolist() for one in values), strict=True)]
    path = tmp_path / "rows.csv"
    lines = [",".join(row) for row in [("kind", "other", "first", "last"), *rows]]
    path.write_text("\n".join(lines), encoding="utf-8")
    file = CsvFileRows(path, "rows", len)
    [batch] = file.batches()

    # When
    read = RecordReader(FIELDS, FieldColumns(file, "rows", RowReader(fields=FIELDS))).read(batch)

    # Then
    expected = [kind != other and (not last or last >= first) for kind, other, first, last in rows]
    assert read.valid.tolist() == expected
