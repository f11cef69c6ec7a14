"""Training and the server compute the same tensors from the same rows."""

import re
from types import GenericAlias
from typing import Any

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from bundle import Columns, Field, Numerals, row_type
from bundle.field import FieldType
from training.data.dataset import Dataset
from training.data.model_inputs import column_positions, graph_tensors, pipeline_frame
from training.export.golden_rows import json_row
from training.flights.request_fields import FIELDS

# msgspec accepts no field name with these characters, so no bundle can have one.
NAME = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='\\"'), min_size=1, max_size=20
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
LARGEST = 3.0e38
EXAMPLES: dict[FieldType, str | int | float | bool] = {
    "string": "a",
    "text": "a b",
    "number": 1.5,
    "integer": 3,
    "date": "2024-02-29",
    "time": "17:45",
    "boolean": True,
}
VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    "string": TEXT,
    # A required text has a character that is no space.
    "text": TEXT.filter(re.compile(r"\S").search),
    "number": st.floats(-LARGEST, LARGEST),
    "integer": st.integers(-(2**53) + 1, 2**53 - 1).map(float),
    "date": st.dates(),
    "time": st.times().map(lambda time: f"{time:%H:%M}"),
    "boolean": st.booleans(),
}
DTYPES: dict[FieldType, str] = {"number": "float64", "integer": "float64", "date": "datetime64[D]"}


def column(field: Field, rows: int) -> st.SearchStrategy[np.ndarray]:
    absent = np.nan if field.is_number else None
    values = VALUES[field.type] if field.required else VALUES[field.type] | st.just(absent)
    dtype = DTYPES.get(field.type, object)
    return st.lists(values, min_size=rows, max_size=rows).map(lambda drawn: np.array(drawn, dtype=dtype))


@st.composite
def fields_and_rows(draw: st.DrawFn) -> tuple[tuple[Field, ...], Dataset]:
    names = draw(st.lists(NAME, min_size=1, max_size=6, unique=True))
    fields = tuple(
        Field(
            name=name,
            type=kind,
            required=required,
            from_text=draw(st.booleans()) if kind in ("number", "integer") else UNSET,
            ignored=UNSET if required else draw(st.booleans()),
            example=EXAMPLES[kind],
        )
        for name in names
        for kind in [draw(st.sampled_from(list(VALUES)))]
        for required in [draw(st.booleans())]
    )
    rows = draw(st.integers(1, 5))
    columns = {field.name: draw(column(field, rows)) for field in fields}
    return fields, Dataset(name="drawn", columns=columns, target=np.zeros(rows))


def serve(fields: tuple[Field, ...], dataset: Dataset) -> dict[str, Any]:
    """Returns the server's tensors of the dataset's rows, sent as JSON."""
    names = [field.name for field in fields]
    sent = [json_row(fields, dataset.instance(row, names)) for row in range(len(dataset))]
    rows = msgspec.json.decode(msgspec.json.encode(sent), type=GenericAlias(list, (row_type(fields),)))
    values = map(Numerals(fields).read, map(msgspec.structs.astuple, rows))
    columns = dict(zip(names, zip(*values, strict=True), strict=True))
    return Columns(fields).encode(columns, len(rows))


def assert_no_skew(fields: tuple[Field, ...], dataset: Dataset) -> None:
    trained, served = graph_tensors(fields, dataset), serve(fields, dataset)
    assert trained.keys() == served.keys()
    for name, tensor in trained.items():
        assert (tensor.dtype, tensor.shape) == (served[name].dtype, served[name].shape)
        np.testing.assert_array_equal(tensor, served[name])


@given(fields_and_rows())
def test_rows_sent_as_json_give_the_tensors_of_training(
    drawn: tuple[tuple[Field, ...], Dataset],
) -> None:
    assert_no_skew(*drawn)


def test_flights_sent_as_json_give_the_tensors_of_training(some_flights: Dataset) -> None:
    assert_no_skew(FIELDS, some_flights)


def test_the_data_frame_has_the_columns_of_the_tensors_side_by_side(some_flights: Dataset) -> None:
    columns = Columns(FIELDS)
    tensors = graph_tensors(FIELDS, some_flights)

    rows = pipeline_frame(FIELDS, some_flights)

    minutes, carrier = column_positions(columns, ["scheduled_departure_minutes", "carrier"])
    assert rows.columns[minutes] == "scheduled_departure_minutes"
    assert rows.iloc[0, carrier] == some_flights.columns["carrier"][0]
    assert {str(kind) for kind in rows.dtypes[: len(columns.numbers)]} == {"float32"}
    np.testing.assert_array_equal(rows.to_numpy()[:, len(columns.numbers) :], tensors["strings"])


def test_the_encoding_of_a_date_has_its_day_of_the_week(some_flights: Dataset) -> None:
    columns = Columns(FIELDS)
    (position,) = column_positions(columns, ["flight_date_day_of_week"])

    weekdays = graph_tensors(FIELDS, some_flights)["numbers"][:, position]

    days = some_flights.columns["flight_date"]
    assert weekdays.tolist() == [day.weekday() for day in days.tolist()]


def test_data_frame_and_tensors_have_normalized_texts_and_no_ignored_fields() -> None:
    fields = (
        Field(name="Phone", type="number", required=False, ignored=True, example=1),
        Field(name="text", type="text", example="a b"),
        Field(name="size", type="number", from_text=True, example="1.5"),
    )
    texts = np.array(["So, SO good!", "so so good", "...", "none"], dtype=object)
    dataset = Dataset(name="made", columns={"text": texts, "size": np.arange(4.0)}, target=np.zeros(4))

    rows, tensors = pipeline_frame(fields, dataset), graph_tensors(fields, dataset)

    assert [*rows.columns] == ["size", "text"]
    assert rows["text"].tolist() == ["so so good", "so so good", "", "none"]
    assert tensors["strings"][:, 0].tolist() == rows["text"].tolist()
    assert json_row(fields, dataset.instance(3, ["text", "size"])) == {"text": "none", "size": "3"}
