"""Warnings of predictions, in every form of request and response."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundle import WARNINGS, Golden
from serving.predict.golden_row_check import check_golden_rows
from serving.predict.predictor import Predictor
from serving.predict.request import InferenceRequest
from serving.problem import Problem
from serving.workers.batch import Batch
from tests.reference import REFERENCE
from tests.tiny_bundle import FIELDS, write_tiny_bundle

# A row with familiar values; its probability is far from the threshold.
FAMILIAR = {"size": 5.0, "count": 2.0, "day": "2024-03-01", "at": "17:45", "kind": "ant"}
NOTHING_OF = "is in no row that the model was trained on."
LITTLE = {
    "kind": "little_known",
    "sentence": "None of the optional fields is given: the model knows the required fields only.",
}
UNUSUAL = [
    (
        {"size": 11},
        "size",
        "out_of_range",
        "11 is outside of 0 to 10, the range that the model was trained on.",
    ),
    (
        {"count": 0},
        "count",
        "out_of_range",
        "0 is outside of 1 to 5, the range that ",
    ),
    ({"at": "05:59"}, "at", "out_of_range", "05:59 is outside of 06:00 to 20:30, the range that "),
    ({"kind": "wasp"}, "kind", "unseen_value", f"wasp {NOTHING_OF}"),
    (
        {"day": "2025-04-01"},
        "day",
        "far_date",
        "2025-04-01 is 365 days after 2024-04-01, the last day that the model was trained on.",
    ),
    (
        {"day": "2023-01-31"},
        "day",
        "far_date",
        "2023-01-31 is 365 days before 2024-01-31, the ",
    ),
]


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    return Predictor(write_tiny_bundle(tmp_path / "model.tar.gz", reference=REFERENCE))


def ask(predictor: Predictor, body: bytes, query: str = "", **headers: str) -> bytes:
    headers = {"content_type": "application/json"} | headers
    found = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return predictor.answer(body, predictor.parameters.read(found, query.encode()))


def predictions(predictor: Predictor, rows: list[Any], query: str = "") -> Any:
    body = json.dumps({"instances": rows} if len(rows) != 1 else rows[0]).encode()
    return json.loads(ask(predictor, body, query))["predictions"]


def fields_of(prediction: Any) -> list[tuple[str, str | None]]:
    return [(warning["kind"], warning.get("field")) for warning in prediction.get("warnings", ())]


@pytest.mark.parametrize(("change", "field", "kind", "sentence"), UNUSUAL)
@pytest.mark.parametrize("others", [[], [FAMILIAR, FAMILIAR]])
def test_an_unusual_value_is_named(
    predictor: Predictor,
    change: dict[str, Any],
    field: str,
    kind: str,
    sentence: str,
    others: list[dict[str, Any]],
) -> None:
    first, *rest = predictions(predictor, [FAMILIAR | change, *others])

    [warning] = first["warnings"]
    assert (warning["kind"], warning["field"]) == (kind, field)
    assert warning["sentence"].startswith(sentence)
    assert kind in WARNINGS
    assert all("warnings" not in one for one in rest)


def test_a_familiar_row_gets_the_bytes_of_a_model_without_a_reference(
    predictor: Predictor, tmp_path: Path
) -> None:
    plain = Predictor(write_tiny_bundle(tmp_path / "plain.tar.gz"))
    body = json.dumps(FAMILIAR).encode()

    assert ask(predictor, body).partition(b'"model"')[0] == ask(plain, body).partition(b'"model"')[0]


def test_a_row_without_any_optional_field_is_little_known(predictor: Predictor) -> None:
    known, little, null = predictions(
        predictor, [{"size": 5, "at": "17:45"}, {"size": 5}, {"size": 5, "at": None}]
    )

    assert "warnings" not in known
    assert little["warnings"] == null["warnings"] == [LITTLE]
    assert predictions(predictor, [{"size": 5}])[0]["warnings"] == [LITTLE]


def test_a_model_without_optional_fields_is_never_told_little(tmp_path: Path) -> None:
    reference = msgspec.structs.replace(REFERENCE, fields={"size": REFERENCE.fields["size"]}, typical={})
    golden = (Golden(instance={"size": 0}, prediction={"label": "yes", "probability": 0.5}),)
    bundle = write_tiny_bundle(
        tmp_path / "model.tar.gz", fields=FIELDS[:1], reference=reference, golden=golden
    )

    assert "warnings" not in predictions(Predictor(bundle), [{"size": 5}])[0]


def test_a_probability_within_noise_of_the_threshold_of_the_request_is_named(predictor: Predictor) -> None:
    near = FAMILIAR | {"size": 0}

    assert fields_of(predictions(predictor, [near])[0]) == [("near_threshold", None)]
    assert fields_of(predictions(predictor, [near], "threshold=0.6")[0]) == []
    assert predictions(predictor, [near], "threshold=0.509")[0] == {
        "label": "no",
        "probability": 0.5,
        "warnings": [
            {
                "kind": "near_threshold",
                "sentence": "The probability 0.5 is within 0.01 of the threshold 0.509: a model trained on "
                "slightly other rows could predict the other label.",
            }
        ],
    }


def test_a_model_that_states_no_noise_does_not_speak_of_the_threshold(tmp_path: Path) -> None:
    reference = msgspec.structs.replace(REFERENCE, noise=None)
    predictor = Predictor(write_tiny_bundle(tmp_path / "model.tar.gz", reference=reference))

    assert "warnings" not in predictions(predictor, [FAMILIAR | {"size": 0}])[0]


def test_every_form_of_the_same_row_gets_the_same_warnings(predictor: Predictor) -> None:
    row = FAMILIAR | {"size": 11, "kind": "wasp"}
    values = [*row.values()]
    line = ",".join(map(str, values))
    bodies = [
        (json.dumps(row), {}),
        (json.dumps({"instances": [row]}), {}),
        (json.dumps({"values": [values]}), {}),
        (json.dumps({"data": line}), {}),
        (line, {"content_type": "text/csv"}),
        (json.dumps(row), {"content_type": "application/jsonlines"}),
    ]

    found = [json.loads(ask(predictor, body.encode(), **headers))["predictions"] for body, headers in bodies]

    assert found == found[:1] * len(bodies)
    assert fields_of(found[0][0]) == [("unseen_value", "kind"), ("out_of_range", "size")]


SIZES = {"size": st.floats(0, 12) | st.just(5.0)}
CHOICES = {
    "count": st.integers(0, 7),
    "day": st.dates(date(2022, 12, 1), date(2025, 6, 1)).map(date.isoformat),
    "at": st.sampled_from(["05:59", "06:00", "17:45", "20:30", "20:31"]),
    "kind": st.sampled_from(["ant", "wasp"]),
}


@given(st.fixed_dictionaries(SIZES, optional=CHOICES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_lone_row_gets_the_warnings_of_a_row_among_others(predictor: Predictor, row: Any) -> None:
    alone = json.loads(ask(predictor, json.dumps(row).encode()))["predictions"]

    assert alone == json.loads(ask(predictor, json.dumps({"instances": [row]}).encode()))["predictions"]


def test_json_lines_have_the_warnings_of_each_row(predictor: Predictor) -> None:
    body = json.dumps({"instances": [FAMILIAR, {"size": 5}]}).encode()

    first, second = map(json.loads, ask(predictor, body, accept="application/jsonlines").splitlines())

    assert "warnings" not in first
    assert second["warnings"] == [LITTLE]


def test_a_csv_has_a_column_of_warnings_if_a_row_has_some_and_there_is_a_header(predictor: Predictor) -> None:
    both = json.dumps({"instances": [FAMILIAR, {"size": 11}]}).encode()

    table = [*csv.reader(io.StringIO(ask(predictor, both, accept="text/csv").decode()))]
    bare = ask(predictor, both, accept="text/csv; header=absent").decode().splitlines()
    familiar = ask(predictor, json.dumps(FAMILIAR).encode(), accept="text/csv").decode().splitlines()

    assert table[0] == ["label", "probability", "warnings"]
    assert table[1][2] == ""
    assert table[2][2] == (
        "size: 11 is outside of 0 to 10, the range that the model was trained on.; " + LITTLE["sentence"]
    )
    assert [line.count(",") for line in bare] == [1, 1]
    assert familiar[0] == "label,probability"


def test_a_strict_request_with_a_warning_is_refused_by_row_and_field(predictor: Predictor) -> None:
    with pytest.raises(Problem) as refused:
        predictions(predictor, [FAMILIAR, FAMILIAR | {"kind": "wasp"}, {"size": 5}], "strict=true")

    problem = refused.value
    assert problem.status == 422
    assert problem.detail == "The request has 2 warnings in 2 of its 3 rows, and strict=true refuses them."
    assert [(error.row, error.field, error.rule) for error in problem.errors] == [
        (1, "kind", f"wasp {NOTHING_OF}"),
        (2, None, LITTLE["sentence"]),
    ]


def test_a_strict_request_with_one_warning_says_so_in_the_singular(predictor: Predictor) -> None:
    with pytest.raises(
        Problem, match="The request has 1 warning in 1 of its 2 rows, and strict=true refuses"
    ):
        predictions(predictor, [FAMILIAR, {"size": 5}], "strict=true")


def test_a_strict_request_without_warnings_is_answered(predictor: Predictor) -> None:
    assert predictions(predictor, [FAMILIAR], "strict=true") == predictions(predictor, [FAMILIAR])


def test_a_strict_request_that_skips_has_the_warnings_in_the_place_of_the_prediction(
    predictor: Predictor,
) -> None:
    rows = [{"size": -1}, FAMILIAR | {"kind": "wasp"}, FAMILIAR]

    invalid, warned, right = predictions(predictor, rows, "strict=true&on_error=skip")

    assert "errors" in invalid
    assert warned == {"errors": [{"field": "kind", "rule": f"wasp {NOTHING_OF}"}]}
    assert right["label"] == "yes"


def test_requests_of_a_batch_keep_their_own_warnings_and_their_number(predictor: Predictor) -> None:
    rows = [FAMILIAR, FAMILIAR | {"kind": "wasp"}, {"size": 11}, FAMILIAR]
    bodies = [json.dumps(row).encode() for row in rows] + [json.dumps({"instances": rows[:2]}).encode()]
    plain, strict = ((b"application/json", b"", b"", query) for query in (b"", b"strict=true"))
    requests = [InferenceRequest("", body, plain) for body in bodies]

    answers = Batch(predictor).answer([*requests, InferenceRequest("", bodies[1], strict)])

    assert [answer.status for answer in answers] == [200] * 5 + [422]
    assert [answer.body for answer in answers[:5]] == [ask(predictor, body) for body in bodies]
    assert [answer.warnings for answer in answers] == [
        None,
        {"unseen_value": 1},
        {"out_of_range": 1, "little_known": 1},
        None,
        {"unseen_value": 1},
        {"unseen_value": 1},
    ]


def test_the_golden_rows_are_right_with_warnings(predictor: Predictor) -> None:
    check_golden_rows(predictor)
