"""Reasons of predictions, against brute force over the served graph."""

import csv
import io
import json
from itertools import chain, combinations
from math import comb
from pathlib import Path
from typing import Any

import pytest

from bundle import Distribution, Reference, read_archive
from serving.predict.predictor import Predictor
from serving.problem import Problem
from tests.reference import REFERENCE
from tests.serving.bundles import write_colour_bundle, write_mixing_bundle, write_square_bundle
from tests.tiny_bundle import write_tiny_bundle, write_wide_bundle

TYPICAL = {"first": 1.0, "second": 2.0, "third": 3.0, "kind": "ant"}


@pytest.fixture
def mixing(tmp_path: Path) -> Predictor:
    """A binary model in which fields interact; `third` and `fourth` belong together, `fourth` has gaps."""
    return Predictor(write_mixing_bundle(tmp_path / "model.tar.gz"))


def ask(predictor: Predictor, body: Any, query: str = "reasons=9", **headers: str) -> bytes:
    headers = {"content_type": "application/json"} | headers
    found = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return predictor.answer(sent, predictor.parameters.read(found, query.encode()))


def explained(predictor: Predictor, row: Any, query: str = "reasons=9") -> Any:
    [found] = json.loads(ask(predictor, row, query))["predictions"]
    return found


def brute_force(
    predictor: Predictor, row: dict[str, Any], players: dict[str, tuple[str, ...]]
) -> dict[str, float]:
    """Shapley's formula, each coalition a request of its own with typical values of the others."""

    def value(members: tuple[str, ...]) -> float:
        own = {name for member in members for name in players[member]}
        sent = {name: row[name] if name in own else TYPICAL.get(name) for name in row}
        return float(
            explained(predictor, {k: v for k, v in sent.items() if v is not None}, "")["probability"]
        )

    found = {}
    for player in players:
        others = [name for name in players if name != player]
        subsets = chain.from_iterable(combinations(others, size) for size in range(len(others) + 1))
        found[player] = sum(
            (value((*subset, player)) - value(subset)) / (len(players) * comb(len(others), len(subset)))
            for subset in subsets
        )
    return found


ROW = {"first": 3.0, "second": -1.0, "third": 0.5, "fourth": 2.0, "kind": "bee"}
PLAYERS = {"first": ("first",), "second": ("second",), "pair": ("third", "fourth"), "kind": ("kind",)}


def test_the_contributions_are_those_of_brute_force(mixing: Predictor) -> None:
    found = explained(mixing, ROW)

    contributions = {reason["field"]: reason["contribution"] for reason in found["reasons"]}
    assert contributions == pytest.approx(brute_force(mixing, ROW, PLAYERS), abs=1e-6)
    assert max(map(abs, contributions.values())) > 0.05


def test_baseline_and_contributions_add_up_to_the_probability(mixing: Predictor) -> None:
    found = explained(mixing, ROW)

    total = found["baseline"] + sum(reason["contribution"] for reason in found["reasons"])
    assert total == pytest.approx(found["probability"], abs=1e-6)
    assert found["baseline"] == pytest.approx(explained(mixing, {**TYPICAL}, "")["probability"], abs=1e-6)
    assert "rest" not in found


def test_the_largest_reasons_are_listed_and_the_others_are_in_the_rest(mixing: Predictor) -> None:
    whole, found = explained(mixing, ROW), explained(mixing, ROW, "reasons=2")

    assert found["reasons"] == whole["reasons"][:2]
    sizes = [abs(reason["contribution"]) for reason in whole["reasons"]]
    assert sizes == sorted(sizes, reverse=True)
    total = found["baseline"] + found["rest"] + sum(reason["contribution"] for reason in found["reasons"])
    assert total == pytest.approx(found["probability"], abs=1e-6)


def test_a_field_that_is_not_given_is_no_player(mixing: Predictor) -> None:
    row = {name: value for name, value in ROW.items() if name not in ("second", "fourth")}

    found = explained(mixing, row)

    assert {reason["field"] for reason in found["reasons"]} == {"first", "third", "kind"}
    total = found["baseline"] + sum(reason["contribution"] for reason in found["reasons"])
    assert total == pytest.approx(found["probability"], abs=1e-6)


def test_a_reason_has_field_value_contribution_and_a_sentence(mixing: Predictor) -> None:
    by_field = {reason["field"]: reason for reason in explained(mixing, ROW)["reasons"]}

    assert by_field["kind"]["value"] == "bee"
    assert by_field["pair"]["value"] == {"third": 0.5, "fourth": 2.0}
    verb = "raises" if by_field["first"]["contribution"] > 0 else "lowers"
    assert by_field["first"]["sentence"].startswith(f"first 3 {verb} the probability of yes by 0.")
    assert by_field["pair"]["sentence"].startswith("third 0.5, fourth 2 ")


def test_a_typical_value_contributes_nothing(mixing: Predictor) -> None:
    found = explained(mixing, {**TYPICAL})

    assert [reason["contribution"] for reason in found["reasons"]] == [0.0] * 4
    assert found["reasons"][0]["sentence"].endswith(" does not change the probability of yes.")


def test_neither_label_nor_probability_nor_threshold_change(mixing: Predictor) -> None:
    for query in ("", "threshold=0.01", "threshold=0.99"):
        plain = explained(mixing, ROW, query)
        found = explained(mixing, ROW, f"{query}&reasons=1")

        assert {name: found[name] for name in plain} == plain


def test_the_reasons_of_several_classes_are_those_of_the_predicted_label(tmp_path: Path) -> None:
    reference = Reference(
        rows=1, fields={"word": Distribution(edges=(1.0, 1.0), shares=(1.0,))}, predictions={}
    )
    predictor = Predictor(write_colour_bundle(tmp_path / "model.tar.gz", reference=reference))

    found = explained(predictor, {"word": "green"})

    # The typical text is not known: "red" has its half then, and "green" 0.3.
    assert (found["label"], found["baseline"]) == ("green", pytest.approx(0.3))
    [reason] = found["reasons"]
    assert reason["contribution"] == pytest.approx(0.2)
    assert reason["sentence"] == "word green raises the probability of green by 0.2."


def test_the_reasons_of_a_regression_add_up_to_its_value(tmp_path: Path) -> None:
    seen = Distribution(edges=(0.0, 5.0), shares=(1.0,))
    reference = Reference(rows=1, fields={"side": seen}, predictions={}, typical={"side": 2.0})
    predictor = Predictor(write_square_bundle(tmp_path / "model.tar.gz", reference=reference))

    assert explained(predictor, {"side": 3}) == {
        "value": 9.0,
        "baseline": 4.0,
        "reasons": [
            {"field": "side", "value": 3.0, "contribution": 5.0, "sentence": "side 3 raises the value by 5."}
        ],
    }


def test_more_than_ten_fields_are_sampled_and_the_error_is_said(tmp_path: Path) -> None:
    seen = Distribution(edges=(0.0, 20.0), shares=(1.0,))
    names = [f"column_{number}" for number in range(14)]
    reference = Reference(
        rows=1, fields=dict.fromkeys(names, seen), predictions={}, typical=dict.fromkeys(names, 0.0)
    )
    path = write_wide_bundle(tmp_path / "model.tar.gz", columns=14, reference=reference)

    found = explained(Predictor(read_archive(path)), {f"column_{n}": n + 1 for n in range(14)}, "reasons=14")

    total = found["baseline"] + sum(reason["contribution"] for reason in found["reasons"])
    assert total == pytest.approx(found["probability"], abs=1e-6)
    assert len(found["reasons"]) == 14
    assert 0 <= found.get("reasons_error", 0) < 0.1


def test_at_most_a_hundred_rows_are_explained(mixing: Predictor) -> None:
    assert len(json.loads(ask(mixing, {"instances": [ROW] * 100}, "reasons=1"))["predictions"]) == 100
    with pytest.raises(
        Problem, match="The request has 101 rows, and a request for reasons may have 100"
    ) as many:
        ask(mixing, {"instances": [ROW] * 101}, "reasons=1")

    assert many.value.status == 422


def test_a_csv_has_a_column_with_baseline_and_contributions(mixing: Predictor) -> None:
    body = {"instances": [ROW, {"first": 1}]}

    table = [*csv.reader(io.StringIO(ask(mixing, body, "reasons=1", accept="text/csv").decode()))]
    bare = [
        *csv.reader(io.StringIO(ask(mixing, body, "reasons=1", accept="text/csv; header=absent").decode()))
    ]

    found = explained(mixing, ROW, "reasons=1")
    [reason] = found["reasons"]
    assert table[0][:3] == ["label", "probability", "reasons"]
    assert table[1][2] == (
        f"baseline {found['baseline']}; {reason['field']} {reason['contribution']:+}; rest {found['rest']:+}"
    )
    assert [line[:3] for line in bare] == [line[:3] for line in table[1:]]


def test_reasons_and_warnings_stand_side_by_side(tmp_path: Path) -> None:
    predictor = Predictor(write_tiny_bundle(tmp_path / "model.tar.gz", reference=REFERENCE))

    found = explained(predictor, {"size": 11, "day": "2024-03-05"})

    assert [warning["field"] for warning in found["warnings"]] == ["size"]
    assert {reason["field"]: reason["value"] for reason in found["reasons"]} == {
        "size": 11.0,
        "day": "2024-03-05",
    }


def test_a_bundle_without_a_reference_refuses_the_parameter(tmp_path: Path) -> None:
    plain = Predictor(write_tiny_bundle(tmp_path / "model.tar.gz"))

    with pytest.raises(Problem, match="There is no parameter 'reasons' for this model"):
        explained(plain, {"size": 1})


@pytest.mark.parametrize("value", ["0", "101", "1.5", "x", ""])
def test_the_number_of_reasons_is_a_whole_number_from_1_to_100(mixing: Predictor, value: str) -> None:
    with pytest.raises(Problem, match="it must be a whole number from 1 to 100"):
        explained(mixing, ROW, f"reasons={value}")
