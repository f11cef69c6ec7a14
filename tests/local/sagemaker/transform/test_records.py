"""Records of a transform job: payloads, filters and join."""

from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.errors import SageMakerError
from local.sagemaker.transform.records.data_processing import DataProcessing, DataProcessingError
from local.sagemaker.transform.records.mini_batch import Batching, PayloadError

CSV, JSON, LINES = "text/csv", "application/json", "application/jsonlines"


def processing(content: str, accept: str | None = None, **parts: str) -> DataProcessing:
    output = {"Accept": accept or content}
    return DataProcessing.read(
        {"TransformInput": {"ContentType": content}, "TransformOutput": output, "DataProcessing": parts}
    )


def payloads(path: Path, content: bytes, **parts: Any) -> list[bytes]:
    path.write_bytes(content)
    batching = Batching(**{"splits": True, "is_single": False, "max_bytes": 9, **parts})
    return [batch.payload for batch in batching.mini_batches(path, bytes)]


def test_many_records_fill_a_payload_up_to_its_limit(tmp_path: Path) -> None:
    assert payloads(tmp_path / "x", b"1234\n5678\n90\n\nabcdefghi\n") == [
        b"1234\n5678",
        b"90\n",
        b"abcdefghi",
    ]


def test_a_single_record_is_a_payload(tmp_path: Path) -> None:
    assert payloads(tmp_path / "x", b"1\n2\r\n3", is_single=True) == [b"1", b"2\r", b"3"]


def test_an_object_that_is_not_split_is_one_payload(tmp_path: Path) -> None:
    assert payloads(tmp_path / "x", b"1\n2\n", splits=False) == [b"1\n2\n"]


def test_an_empty_object_has_no_records(tmp_path: Path) -> None:
    assert payloads(tmp_path / "x", b"") == []


@pytest.mark.parametrize("splits", [True, False])
def test_a_record_over_the_limit_is_an_error(tmp_path: Path, splits: bool) -> None:
    with pytest.raises(PayloadError, match="Too much data for max payload size"):
        payloads(tmp_path / "x", b"1234567890", splits=splits)


def test_a_payload_without_limit_has_every_record(tmp_path: Path) -> None:
    assert payloads(tmp_path / "x", b"1234567890\n1\n", max_bytes=None) == [b"1234567890\n1"]


def test_the_input_filter_takes_columns_of_a_csv() -> None:
    assert processing(CSV, InputFilter="$[1:]").filter_input(b'id-1,"a,b",2\r') == b'"a,b",2'


def test_the_input_filter_takes_a_part_of_a_json_record() -> None:
    assert (
        processing(LINES, InputFilter="$.row").filter_input('{"id":1,"row":["é"]}'.encode())
        == '["é"]'.encode()
    )


def test_a_joined_csv_has_the_cells_of_the_output_after_those_of_the_input() -> None:
    joined = processing(CSV, JoinSource="Input", OutputFilter="$[0,-2:]").assemble(
        [b"id,size,label", b'7,"1,5",no'], b"label,probability\nyes,0.5\n", whole=False
    )

    assert joined == b"id,label,probability\n7,yes,0.5\n"


def test_a_joined_json_record_has_the_output_as_a_member() -> None:
    join = processing(LINES, JoinSource="Input")

    assert join.assemble([b'{"a":1}', b"[2]"], b'{"p":0}\n{"p":1}\n', whole=False) == (
        b'{"a": 1, "SageMakerOutput": {"p": 0}}\n{"SageMakerInput": [2], "SageMakerOutput": {"p": 1}}\n'
    )


def test_a_json_document_is_joined_as_a_whole() -> None:
    join = processing(JSON, JoinSource="Input", OutputFilter="$['a','SageMakerOutput']")

    assert join.assemble([b'{"a":\n1,"b":2}'], b"[\n1]", whole=True) == b'{"a": 1, "SageMakerOutput": [1]}\n'


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (b"yes\n", "Fail to join data: mismatched line count between the input and the output"),
        (b'yes\n"no\n', "Failed to parse data as CSV"),
        (b"yes\nno\n", r"Failed to filter data: \$\[5\] is not in the record"),
    ],
)
def test_records_that_cannot_be_joined_are_an_error(response: bytes, message: str) -> None:
    join = processing(CSV, JoinSource="Input", OutputFilter="$[5]")

    with pytest.raises(DataProcessingError, match=message):
        join.assemble([b"1", b"2"], response, whole=False)


@pytest.mark.parametrize(
    ("request_of", "message"),
    [
        ({"content": CSV, "InputFilter": "$..a"}, "at 'dataProcessing.inputFilter' failed to satisfy"),
        ({"content": CSV, "OutputFilter": "a"}, "at 'dataProcessing.outputFilter' failed to satisfy"),
        ({"content": CSV, "JoinSource": "Output"}, r"enum value set: \[Input, None\]"),
        ({"content": "image/png", "InputFilter": "$.a"}, "one of them is 'image/png'"),
        ({"content": CSV, "accept": "text/plain", "OutputFilter": "$[0]"}, "one of them is 'text/plain'"),
        ({"content": CSV, "accept": JSON, "JoinSource": "Input"}, "both text/csv, or both JSON"),
    ],
)
def test_invalid_data_processing_is_refused(request_of: dict[str, str], message: str) -> None:
    with pytest.raises(SageMakerError, match=message):
        processing(**request_of)


def test_without_filters_any_media_type_is_sent_as_it_is() -> None:
    found = processing("image/png", "application/x-anything")

    assert (found.changes_input, found.changes_output) == (False, False)
