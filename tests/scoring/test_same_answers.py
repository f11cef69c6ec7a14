"""Scoring and serving give the same tensors, answers and errors for the same rows."""

import csv
import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle import Bundle, Columns, Field, Interval
from scoring.answer_columns import Answerer, AnswerOptions
from scoring.fields.record_reader import RecordReader
from scoring.fields.row_errors import RowErrors
from scoring.inputs.csv_file_rows import CsvFileRows
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.json_file_rows import JsonFileRows
from scoring.inputs.parquet_rows import ParquetRows
from scoring.inputs.row_reader import RowReader
from scoring.inputs.rows import InputRows
from serving.predict.csv_response import Outcome
from serving.predict.media_type import CSV_TYPE, BodyFormat
from serving.predict.options import Options
from serving.predict.prediction import ValuePrediction
from serving.predict.predictor import Predictor
from serving.predict.request import RequestParameters
from serving.rows.request_rows import InvalidRow
from tests.serving.bundles import write_colour_bundle, write_square_bundle
from tests.tiny_bundle import FIELDS, write_tiny_bundle

RULED = (
    *FIELDS,
    Field(
        name="until",
        type="date",
        required=False,
        not_less_than="day",
        earliest="2020-01-01",
        description="U.",
        example="2024-03-01",
    ),
    Field(name="other", type="string", required=False, differs_from="kind", description="O.", example="bee"),
    Field(
        name="most",
        type="number",
        required=False,
        not_less_than="size",
        from_text=True,
        description="M.",
        example=4,
    ),
    Field(name="note", type="text", required=False, description="N.", example="Well done"),
    Field(name="flag", type="boolean", required=False, description="F.", example=True),
    Field(name="id", type="string", required=False, ignored=True, description="I.", example="a"),
)
NAMES = [field.name for field in RULED]
NUMBERS = st.sampled_from(
    [
        "0",
        "1",
        "2.5",
        "-1",
        "100",
        "101",
        "1e1",
        "1e400",
        "nan",
        "inf",
        "+1",
        "0x1",
        "1_0",
        "null",
        "01",
        "3.4028235e38",
    ]
)
CELLS: dict[str, st.SearchStrategy[str]] = {
    "size": NUMBERS,
    "count": st.one_of(NUMBERS, st.just("9007199254740993")),
    "day": st.sampled_from(
        [
            "2024-02-29",
            "2023-02-29",
            "2019-12-31",
            "2024-1-1",
            "0001-01-01",
            "20240101",
            "2024-02-29T00:00:00",
        ]
    ),
    "at": st.sampled_from(["00:00", "23:59", "24:00", "1:00", "12:60", "12:30:00"]),
    "kind": st.sampled_from(["ant", "bee", "ANT", "toolongword", "ant\n", "é"]),
    "until": st.sampled_from(["2024-02-29", "2024-01-01", "2019-01-01", "x"]),
    "other": st.sampled_from(["ant", "bee", "x" * 257]),
    "most": NUMBERS,
    "note": st.sampled_from(["Well done", "CAFÉ café", " ", 'a, "b"\nc']),
    "flag": st.sampled_from(["true", "false", "True", "1", "yes"]),
    "id": st.sampled_from(["a", "b" * 300]),
}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.one_of(st.just(""), cells) for name, cells in CELLS.items()}),
    min_size=1,
    max_size=12,
)


def served(bundle: Bundle, body: bytes, media_type: str) -> Sequence[Outcome]:
    """Returns what serving answers to each row."""
    predictor = Predictor(bundle)
    parameters = RequestParameters(content=BodyFormat(media_type), options=Options(skip=True))
    rows = predictor.decode(body, parameters)
    outcomes: list[Outcome] = [*predictor.predict(rows, parameters.options)]
    for position, invalid in rows.invalid.items():
        outcomes.insert(position, invalid)
    return outcomes


def assert_same(bundle: Bundle, rows: InputRows, outcomes: Sequence[Outcome]) -> None:
    """Compares the answers and errors of a file, read in one batch, with those of serving."""
    fields = bundle.manifest.fields
    columns = FieldColumns(rows, "rows", RowReader(fields=fields))
    [batch] = rows.batches()
    read = RecordReader(fields, columns).read(batch)
    answers = Answerer(bundle, AnswerOptions()).answer(read)
    names = ["label", "probability"] if bundle.manifest.labels else ["value"]
    assert [one.to_pylist() for one in answers][: len(names)] == [
        [None if isinstance(one, InvalidRow) else getattr(one, name) for one in outcomes] for name in names
    ]
    errors = RowErrors(fields).table("rows", 0, batch, read, columns).to_pylist()
    assert [(one["row"] - 1, one["field"], one["rule"]) for one in errors] == [
        (position, error.field, error.rule)
        for position, one in enumerate(outcomes)
        if isinstance(one, InvalidRow)
        for error in one.errors
    ]
    tensors = Columns(fields).encode(read.request_columns(), int(read.valid.sum()))
    found = read.tensors(np.flatnonzero(read.valid))
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        assert np.array_equal(found[name], tensor, equal_nan=name == "numbers")


def csv_text(rows: Sequence[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, NAMES, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.slow
@settings(deadline=None)
@given(ROWS)
def test_a_csv_file_is_answered_as_a_csv_request(rows: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bundle = write_tiny_bundle(Path(folder, "model.tar.gz"), fields=RULED)
        path = Path(folder, "rows.csv")
        path.write_text(csv_text(rows))

        assert_same(bundle, CsvFileRows(path, "rows", len), served(bundle, path.read_bytes(), CSV_TYPE))


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 300), st.floats(allow_nan=False, width=32),
    st.sampled_from(["", "ant", "2024-02-29", "12:30", "3", "[1]"]), st.just([1]), st.just({"a": "b"}),
)  # fmt: skip
JSON_ROWS = st.lists(
    st.one_of(
        st.dictionaries(st.sampled_from([*NAMES, "size"]), VALUES),
        st.fixed_dictionaries({"size": st.integers(0, 9)}),
        st.lists(VALUES, max_size=13),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.slow
@settings(deadline=None)
@given(JSON_ROWS)
def test_a_json_lines_file_is_answered_as_a_json_lines_request(rows: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bundle = write_tiny_bundle(Path(folder, "model.tar.gz"), fields=RULED)
        path = Path(folder, "rows.jsonl")
        # The first line has the required field, so that the file has its column.
        path.write_text("".join(f"{json.dumps(row)}\n" for row in [{"size": 1}, *rows]))

        assert_same(
            bundle,
            JsonFileRows(path, "rows", bundle.manifest.fields),
            served(bundle, path.read_bytes(), "application/jsonlines"),
        )


@pytest.mark.slow
@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(width=64)), min_size=1, max_size=20),
    st.lists(st.one_of(st.none(), st.integers(-9, 10**6)), min_size=20, max_size=20),
)
def test_the_numbers_of_a_parquet_file_are_answered_as_those_of_a_request(
    sizes: list[float | None], counts: list[int | None]
) -> None:
    counts = counts[: len(sizes)]
    # NaN and infinity are no JSON: NaN is an absent value, infinity is out of every range.
    shown = [size if size == size else None for size in sizes]
    rows = [
        {"size": 1e39 if size == np.inf else -1e39 if size == -np.inf else size, "count": count}
        for size, count in zip(shown, counts, strict=True)
    ]
    body = "".join(
        json.dumps({name: value for name, value in row.items() if value is not None}) + "\n" for row in rows
    )
    with tempfile.TemporaryDirectory() as folder:
        bundle = write_tiny_bundle(Path(folder, "model.tar.gz"))
        path = Path(folder, "rows.parquet")
        columns = {"size": pa.array(sizes, pa.float64()), "count": pa.array(counts, pa.int32())}
        pq.write_table(pa.table(columns), path)

        outcomes = served(bundle, body.encode(), "application/jsonlines")
        assert_same(bundle, ParquetRows(path, "rows", {}), outcomes)


def test_a_multiclass_model_is_answered_as_a_request(tmp_path: Path) -> None:
    bundle = write_colour_bundle(tmp_path / "model.tar.gz")
    field = bundle.manifest.fields[0].name
    path = tmp_path / "rows.csv"
    path.write_text(f"{field}\ngreen\nblue\nother\nred\n")

    assert_same(bundle, CsvFileRows(path, "rows", len), served(bundle, path.read_bytes(), CSV_TYPE))


def test_a_regression_is_answered_as_a_request(tmp_path: Path) -> None:
    interval = Interval(level=0.9, half_width=1.37, coverage=0.9)
    bundle = write_square_bundle(tmp_path / "model.tar.gz", interval=interval)
    path = tmp_path / "rows.csv"
    path.write_text("side\n3\n0\n1.1\n12345.678\n")
    outcomes = served(bundle, path.read_bytes(), CSV_TYPE)

    rows = CsvFileRows(path, "rows", len)
    assert_same(bundle, rows, outcomes)
    [batch] = rows.batches()
    fields = bundle.manifest.fields
    read = RecordReader(fields, FieldColumns(rows, "", RowReader(fields=fields))).read(batch)
    _, low, high = Answerer(bundle, AnswerOptions()).answer(read)
    ranges = [one.interval for one in outcomes if isinstance(one, ValuePrediction) and one.interval]
    assert [*zip(low.to_pylist(), high.to_pylist(), strict=True)] == [(one.low, one.high) for one in ranges]
    assert len(ranges) == 4
