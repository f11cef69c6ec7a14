from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.scoring.scored import Scored

TWO_MOMENTS = [0, 2**62]


def write_parquet(tiny: Scored, **columns: Any) -> str:
    """Writes a file with two valid rows, and some columns in place of the plain ones."""
    plain = {"size": pa.array([0.0, 5.0]), "kind": pa.array(["ant", "bee"])}
    pq.write_table(pa.table({**plain, **columns}), tiny.folder / "rows.parquet")
    return str(tiny.folder / "rows.parquet")


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.binary(3),
        pa.dictionary(pa.int8(), pa.string()),
    ],
)
def test_texts_are_read_in_every_type_that_programs_write(tiny: Scored, kind: pa.DataType) -> None:
    sizes = pa.array(["0.0", "5.0"]).cast(kind)

    assert (
        tiny.run(write_parquet(tiny, size=sizes, kind=pa.array(["ant", "bee"]).cast(kind)))["answered"] == 2
    )


def test_decimal_commas_are_found_in_large_texts(tiny: Scored) -> None:
    tiny.run(write_parquet(tiny, size=pa.array(["0,0", "5,5"], pa.large_string())), out="out.jsonl")

    assert [row["probability"] for row in tiny.rows("out.jsonl")] == [0.5, 0.9959299]


def test_bytes_that_are_no_text_are_refused_with_their_column(tiny: Scored) -> None:
    refusal = tiny.refusal(write_parquet(tiny, kind=pa.array([b"ant", b"\xff"])))

    assert "The column kind has values of the type binary" in refusal


def test_numbers_in_a_field_of_texts_are_its_codes_or_refused(tiny: Scored) -> None:
    numbers = pa.array([Decimal(7), Decimal("7.5")])

    tiny.run(write_parquet(tiny, kind=numbers))
    assert [(row, field) for row, field, _ in tiny.refused()] == [(1, "kind"), (2, "kind")]
    tiny.run(write_parquet(tiny, kind=pa.array([float("inf"), 7.0])))
    assert [(row, field) for row, field, _ in tiny.refused()] == [(1, "kind"), (2, "kind")]


@pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.timestamp("us", "America/New_York"), pa.date32()])
def test_days_beyond_the_years_of_python_are_refused_row_by_row(tiny: Scored, kind: pa.DataType) -> None:
    moments = pa.array([0, 2**31 - 1] if kind == pa.date32() else TWO_MOMENTS, kind)

    assert tiny.run(write_parquet(tiny, day=moments))["refused"] == 1
    assert tiny.refused() == [(2, "day", "must be a date such as 2024-02-29, null or left out")]


def test_times_in_a_zone_that_nobody_knows_are_refused_in_one_sentence(tiny: Scored) -> None:
    refusal = tiny.refusal(write_parquet(tiny, day=pa.array([0, 1], pa.timestamp("us", "Nowhere/City"))))

    assert "The times of the field day are in the zone 'Nowhere/City'" in refusal
