import uuid
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.scoring.scored import Scored

NANOSECONDS = pa.timestamp("ns")


def written(tiny: Scored, column: pa.Array, *, out: str) -> Any:
    """The value that an output has of a column with one."""
    pq.write_table(pa.table({"size": [0.0], "own": column}), tiny.folder / "rows.parquet")
    tiny.run(tiny.folder / "rows.parquet", out=out)
    return tiny.rows(out)[0]["own"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (pa.duration("ns"), 1_000_000_001, "PT1S"),
        (pa.list_(NANOSECONDS), [1_000], ["1970-01-01T00:00:00.000001"]),
        (pa.list_(NANOSECONDS, 1), [1_000], ["1970-01-01T00:00:00.000001"]),
        (pa.large_list(pa.time64("ns")), [1_000], ["00:00:00.000001"]),
        (pa.struct({"at": NANOSECONDS}), {"at": 1_000}, {"at": "1970-01-01T00:00:00.000001"}),
        (pa.map_(pa.string(), NANOSECONDS), [("a", 1_000)], [["a", "1970-01-01T00:00:00.000001"]]),
    ],
)
def test_json_has_the_microseconds_of_finer_times(
    tiny: Scored, kind: pa.DataType, value: Any, expected: Any
) -> None:
    assert written(tiny, pa.array([value], kind), out="out.jsonl") == expected


@pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.date32()])
def test_json_has_a_time_beyond_the_years_of_python_as_text(tiny: Scored, kind: pa.DataType) -> None:
    value = 2**31 - 1 if kind == pa.date32() else 2**62

    assert written(tiny, pa.array([value], kind), out="out.jsonl") == f"<value out of range: {value}>"


def test_such_a_time_inside_a_list_is_refused_with_the_way_out(tiny: Scored) -> None:
    column = pa.array([[2**62]], pa.list_(pa.timestamp("us")))
    pq.write_table(pa.table({"size": [0.0], "own": column}), tiny.folder / "rows.parquet")

    assert "give the output the suffix .parquet" in tiny.refusal(tiny.folder / "rows.parquet")


def test_csv_has_bytes_in_base64_and_other_values_as_their_text(tiny: Scored) -> None:
    number = uuid.UUID(int=7)
    extension = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([number.bytes], pa.binary(16)))

    assert written(tiny, pa.array([b"\xff"]), out="out.csv") == "/w=="
    assert written(tiny, extension, out="out.csv") == str(number)
    assert written(tiny, pa.array([[b"\xff", None]]), out="out.csv") == '["/w==",null]'
