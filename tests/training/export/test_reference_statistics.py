"""Reference of a bundle: what training saw."""

import itertools
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from bundle import Distribution, Field
from training.data.dataset import CLOCK, Dataset
from training.export.reference_statistics import noise_of, reference_of
from training.model import Gap, Model, Situation
from training.models.flight_delay import MODEL as FLIGHTS
from training.models.iris import MODEL as FLOWERS

FIELDS = (
    Field(name="length", type="number", example=1),
    Field(name="weight", type="number", required=False, example=1),
    Field(name="kind", type="string", example="ant"),
    Field(name="day", type="date", example="2024-01-01"),
    Field(name="at", type="time", example="17:45"),
    Field(name="is_red", type="boolean", example=True),
    Field(name="text", type="text", required=False, example="a text"),
    Field(name="never", type="number", required=False, example=1),
    Field(name="phone", type="string", required=False, ignored=True, example="1"),
)
DATA = Dataset(
    name="made in a test",
    columns={
        "length": np.array([1.0, 2.0, 2.0, 7.25]),
        "weight": np.array([np.nan, 0.1, 0.2, 0.3], dtype=np.float32),
        "kind": np.array(["ant", "bee", "ant", "cow"], dtype=object),
        "day": np.array(["2024-01-04", "2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[D]"),
        "at": pd.Categorical.from_codes([60, 1065, 120, 120], CLOCK),
        "is_red": np.array([True, True, False, True]),
        "text": np.array(["two words", None, "one,two three", "x"], dtype=object),
        "phone": np.array(["1", "2", "3", "4"], dtype=object),
    },
    target=np.array([0, 1, 1, 0]),
)
OUTPUTS = {"": np.array([[0.9, 0.1], [0.25, 0.75]], dtype=np.float32)}


ALWAYS = Situation(name="", description="all fields")


def model(**changed: object) -> Model:
    parts = {"task": "binary", "fields": FIELDS, "labels": ("no", "yes"), "situations": (ALWAYS,), **changed}
    return replace(FLOWERS, **parts)  # type: ignore[arg-type]


def test_it_describes_every_field_that_the_model_uses() -> None:
    found = reference_of(model(together={"look": ("length", "is_red")}), DATA, OUTPUTS, 0.02)

    assert found.rows == 4
    assert found.fields == {
        "length": Distribution(edges=(1.0, 2.0, 7.25), shares=(0.25, 0.75)),
        "weight": Distribution(missing=0.25, edges=(0.1, 0.2, 0.3), shares=(0.333333, 0.666667)),
        "kind": Distribution(values={"ant": 0.5, "bee": 0.25, "cow": 0.25}),
        "day": Distribution(first="2024-01-01", last="2024-01-04"),
        "at": Distribution(edges=(60.0, 120.0, 1065.0), shares=(0.25, 0.75)),
        "is_red": Distribution(values={"false": 0.25, "true": 0.75}),
        "text": Distribution(missing=0.25, edges=(0.0, 2.0, 3.0), shares=(0.333333, 0.666667)),
        "never": Distribution(missing=1.0),
    }
    assert found.predictions == {"": Distribution(edges=(0.1, 0.75), shares=(1.0,))}
    assert found.noise == 0.02
    assert found.together == {"look": ("length", "is_red")}
    assert [*found.contradictions(FIELDS)] == []


def test_a_typical_value_is_the_median_or_the_commonest_and_a_value_of_the_data() -> None:
    typical = reference_of(model(), DATA, OUTPUTS, None).typical

    assert typical == {
        "length": 2.0,
        "kind": "ant",
        "day": "2024-01-02",
        "at": "02:00",
        "is_red": True,
    }


@pytest.mark.parametrize(
    "gap",
    [
        {"gaps": (Gap(fields=("length",), share=0.1),)},
        {"situations": (Situation(name="", description="", absent=("length",)),)},
    ],
)
def test_not_known_is_typical_of_a_field_that_the_model_was_trained_without(gap: dict[str, object]) -> None:
    assert "length" not in reference_of(model(**gap), DATA, OUTPUTS, None).typical


def test_strings_beyond_the_most_have_one_share_together() -> None:
    names = np.array([f"name{number:04d}" for number in range(500)], dtype=object)
    data = Dataset(name="", columns={"kind": names}, target=np.zeros(500))

    found = reference_of(model(fields=FIELDS[2:3]), data, OUTPUTS, None).fields["kind"]

    assert len(found.values) == 400
    assert found.others == 0.2


@pytest.mark.slow
def test_a_string_seen_once_in_a_million_has_a_share() -> None:
    rare = np.array(["ant"] * 3_000_000 + ["bee"], dtype=object)
    data = Dataset(name="", columns={"kind": pd.Categorical(rare)}, target=np.zeros(len(rare)))

    assert reference_of(model(fields=FIELDS[2:3]), data, OUTPUTS, None).fields["kind"].values["bee"] > 0


def test_a_float32_is_described_as_the_data_had_it() -> None:
    """The request 0.1 must not be below a smallest value of 0.10000000149."""
    assert reference_of(model(), DATA, OUTPUTS, None).fields["weight"].edges[0] == 0.1


def test_labels_have_shares_in_a_model_of_several() -> None:
    output = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], dtype=np.float32)
    several = model(task="multiclass", labels=("a", "b", "c"))

    found = reference_of(several, DATA, {"": output}, None)

    assert found.predictions == {"": Distribution(values={"a": 0.5, "b": 0.0, "c": 0.5})}


def test_noise_is_the_median_distance_of_the_probabilities_of_two_fits() -> None:
    other = {"": OUTPUTS[""] + np.array([[0, 0.01], [0, 0.03]], dtype=np.float32)}

    assert noise_of(model(), other, OUTPUTS) == pytest.approx(0.02, abs=1e-6)
    assert noise_of(FLOWERS, other, OUTPUTS) is None


def test_the_reference_of_the_default_model_is_under_40_kb_even_with_all_airports_of_a_country() -> None:
    random = np.random.default_rng(0)
    rows = 20_000
    airports = np.array(
        ["".join(letters) for letters in itertools.product("ABCDEFGH", repeat=3)], dtype=object
    )
    columns: dict[str, Any] = {
        field.name: random.normal(50, 12, rows).clip(1, 100) for field in FLIGHTS.fields if field.is_number
    }
    columns["pressure"] = random.normal(1_000, 30, rows).clip(800, 1_100)
    columns |= {name: random.choice(airports, rows) for name in ("origin", "destination")}
    columns["carrier"] = np.char.add("B", random.integers(0, 10, rows).astype(str)).astype(object)
    columns["flight_date"] = np.datetime64("2018-01-01", "D") + random.integers(0, 365, rows)
    columns |= {
        name: pd.Categorical.from_codes(random.integers(0, 1_440, rows), CLOCK)
        for name in ("scheduled_departure", "scheduled_arrival")
    }
    data = Dataset(name="", columns=columns, target=np.zeros(rows, dtype=int))
    probabilities = random.random((1_000, 1)).astype(np.float32)
    output = np.hstack([1 - probabilities, probabilities])

    found = reference_of(FLIGHTS, data, {one.name: output for one in FLIGHTS.situations}, 0.01)

    assert len(found.fields["origin"].values) == 400
    assert len(msgspec.json.format(msgspec.json.encode(found), indent=2)) < 40_000
