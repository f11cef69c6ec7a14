"""Rows of a part: own columns beside answers, the answers of the API, and the list of refused rows."""

import csv
import gzip
import io
import json
from typing import Any

import pytest

from bundle.scored_file_formats import FileError, format_of, is_hidden, is_scored
from serving.files import unpacking
from serving.files.csv_file_rows import CsvRows
from serving.files.file_part import PartResult, score_part
from serving.files.json_file_rows import JsonRows
from serving.files.unpacking import unpack
from serving.predict.onnx_model import ModelError, OnnxModel
from serving.predict.predictor import Predictor
from serving.predict.request import JSON_REQUEST

SIZE_RULE = "must be a number from 0 to 100 cm"
URL = "s3://rows/in/rows.csv"


def score_csv(predictor: Predictor, header: str, body: bytes, *, first: int = 0) -> PartResult:
    rows = CsvRows("in/rows.csv", header.split(","), predictor.fields, predictor)
    return score_part(predictor, rows, body, file=URL, first=first)


def score_json(predictor: Predictor, *lines: object) -> PartResult:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines).encode()
    rows = JsonRows("in/rows.jsonl", predictor.fields, predictor)
    return score_part(predictor, rows, body, file="s3://rows/in/rows.jsonl", first=0)


def lines(body: bytes) -> list[dict[str, Any]]:
    return [*csv.DictReader(io.StringIO(body.decode()))]


def predictions(predictor: Predictor, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the API answers to the rows."""
    answer = predictor.answer(json.dumps({"instances": rows}).encode(), JSON_REQUEST)
    found: list[dict[str, Any]] = json.loads(answer)["predictions"]
    return found


@pytest.mark.parametrize("sizes", [range(5), range(9_000)])
def test_a_csv_keeps_its_own_columns_and_gets_the_answers_of_the_api(binary: Predictor, sizes: range) -> None:
    rows = [{"size": size % 100, "kind": "ant"} for size in sizes]
    body = "".join(f"row {place},{row['size']},ant\r\n" for place, row in enumerate(rows)).encode()

    found = score_csv(binary, "id,size,kind", body)

    assert (found.rows, found.refused, found.errors) == (len(rows), 0, b"")
    answers = [
        answer
        for start in range(0, len(rows), 1_000)
        for answer in predictions(binary, rows[start : start + 1_000])
    ]
    assert found.body.startswith(b"id,size,kind,label,probability\n")
    for place, (line, answer) in enumerate(zip(lines(found.body), answers, strict=True)):
        assert (line["id"], line["label"]) == (f"row {place}", answer["label"])
        assert float(line["probability"]) == answer["probability"]


def test_refused_rows_keep_their_place_and_are_listed_by_their_number_in_the_file(binary: Predictor) -> None:
    body = b'1,ant\n101,ant\n1,"an\n1,ant,3,4\n1,\xff\n1\n' + b"2,bee\n" * 100

    found = score_csv(binary, "size,kind", body, first=1_000)

    assert (found.rows, found.refused) == (106, 4)
    answers = [line["label"] for line in lines(found.body)]
    assert answers == ["yes", "", "", "", "", "yes", *["yes"] * 100]
    errors = lines(found.errors)
    assert [(error["row"], error["field"], error["value"]) for error in errors] == [
        ("1002", "size", "101"),
        ("1003", "", ""),
        ("1004", "", ""),
        ("1005", "", ""),
    ]
    assert {error["file"] for error in errors} == {URL}
    assert errors[0]["rule"] == SIZE_RULE
    assert errors[2]["rule"] == "has 4 cells: 2 are the most"


def test_json_lines_keep_their_members_and_get_the_answers_of_the_api(binary: Predictor) -> None:
    rows: list[dict[str, Any]] = [{"size": 1}, {"size": 3, "kind": "bee"}]

    found = score_json(
        binary, {"id": [1], **rows[0]}, {"note": "a}", **rows[1]}, "", [3, None, None, None, "bee"]
    )

    answers = predictions(binary, rows)
    assert [json.loads(line) for line in found.body.splitlines()] == [
        {"id": [1], **rows[0], **answers[0]},
        {"note": "a}", **rows[1], **answers[1]},
        {"size": 3, "count": None, "day": None, "at": None, "kind": "bee", **answers[1]},
    ]
    assert (found.rows, found.refused) == (3, 0)


@pytest.mark.parametrize("other", [{}, {"id": 7}])
def test_refused_json_lines_have_null_as_answer(binary: Predictor, other: dict[str, Any]) -> None:
    found = score_json(binary, {"size": 1, **other}, {"size": "x", **other}, "no JSON", {**other})

    answer = {"label": None, "probability": None}
    read = [json.loads(line) for line in found.body.splitlines()]
    assert read[1:] == [{"size": "x", **other, **answer}, answer, {**other, **answer}]
    assert read[0]["label"] == "yes"
    assert [(one["row"], one["field"], one["value"]) for one in lines(found.errors)] == [
        ("2", "size", "x"),
        ("3", "", ""),
        ("4", "size", ""),
    ]


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("sise,kind", r"has no column 'size' \(did you mean its column 'sise'\?\): name the columns"),
        ("size,size", "has the column 'size' 2 times: remove or rename all but one"),
        ("size,label", "has a column 'label', which is one of the answer: rename it"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(binary: Predictor, header: str, sentence: str) -> None:
    with pytest.raises(FileError, match=rf"^in/rows\.csv {sentence}"):
        score_csv(binary, header, b"1,ant\n")


def test_a_member_with_a_name_of_the_answer_is_refused(binary: Predictor) -> None:
    with pytest.raises(FileError, match="has rows with 'label', which is part of the answer: rename it"):
        score_json(binary, {"size": 1, "label": "yes"})


def test_a_row_on_which_the_model_fails_harms_no_other(
    binary: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = OnnxModel.run

    def fail_on_seven(self: OnnxModel, tensors: Any, size: int) -> Any:
        if 7 in tensors["numbers"]:
            raise ModelError("not finite")
        return run(self, tensors, size)

    monkeypatch.setattr(OnnxModel, "run", fail_on_seven)

    found = score_csv(binary, "size", b"1\n7\n2\n3\n")

    assert [line["label"] for line in lines(found.body)] == ["yes", "", "yes", "yes"]
    assert [(error["row"], error["rule"]) for error in lines(found.errors)] == [
        ("2", "makes the model fail; the function's log says why")
    ]


def test_a_regression_answers_with_a_value(regression: Predictor) -> None:
    assert score_csv(regression, "side", b"3\n").body == b"side,value\n3,9.0\n"
    assert json.loads(score_json(regression, {"side": 3}).body) == {"side": 3, "value": 9.0}


@pytest.mark.parametrize(
    ("key", "hidden"),
    [
        ("in/", True),
        ("in/_SUCCESS", True),
        ("in/.part.crc", True),
        ("_refused/rows.csv", True),
        ("in/rows_1.csv", False),
    ],
)
def test_folders_and_marks_hold_no_rows(key: str, hidden: bool) -> None:
    assert is_hidden(key) is hidden


@pytest.mark.parametrize(
    ("key", "prefix", "scored"),
    [
        ("in/a.csv", "in/", True),
        ("in/a.csv", "in/a.csv", True),
        ("in/a.csv.gz", "in/a.csv", False),
        ("in/a.csv.gz", "in/a", True),
        ("in/_a.csv", "in/", False),
    ],
)
def test_a_prefix_that_is_the_key_of_a_file_is_that_file_only(key: str, prefix: str, scored: bool) -> None:
    assert is_scored(key, prefix) is scored


def test_compressed_objects_are_unpacked() -> None:
    packed = gzip.compress(b"size\n1\n", mtime=0) + gzip.compress(b"2\n")

    assert format_of("in/rows.csv.gz") == ("csv", ".csv", True)
    assert unpack("in/rows.csv.gz", packed) == b"size\n1\n2\n"
    assert unpack("in/rows.csv.gz", b"") == b""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"size\n1\n", "is no gzip file"),
        (gzip.compress(b"size\n1\n", mtime=0)[:-3], "is truncated: upload it again"),
        (gzip.compress(b"1" * 101, mtime=0), "unpacks to more than 0 MB: store it uncompressed"),
    ],
)
def test_a_damaged_or_huge_compressed_object_is_refused(
    content: bytes, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_UNPACKED_BYTES", 100)

    with pytest.raises(FileError, match=sentence):
        unpack("in/rows.csv.gz", content)


def test_a_field_may_be_absent_from_a_file(binary: Predictor) -> None:
    assert score_csv(binary, "size", b"0\n").body == b"size,label,probability\n0,yes,0.5\n"
