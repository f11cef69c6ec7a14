"""JSON Lines and arrays of objects as tables."""

import gzip
import json
from pathlib import Path

import pytest

from training.data.data_options import DataOptions
from training.errors import TrainingError
from training.tables.source_table import Table, read_table

ROWS = [{"age": 31, "plan": "basic", "since": "2024-01-31"}, {"age": 2.5, "plan": None, "new": True}]


def read(path: Path, content: bytes) -> Table:
    path.write_bytes(content)
    return read_table(DataOptions(source=str(path)), target="plan")


@pytest.mark.parametrize("form", ["lines", "array", "indented array", "byte order mark", "gzip"])
def test_objects_are_rows(tmp_path: Path, form: str) -> None:
    lines = "\n".join(map(json.dumps, ROWS)).encode()
    content = {
        "lines": lines,
        "array": json.dumps(ROWS).encode(),
        "indented array": json.dumps(ROWS, indent=2).encode(),
        "byte order mark": b"\xef\xbb\xbf" + lines,
        "gzip": gzip.compress(lines),
    }[form]

    found = read(tmp_path / ("a.jsonl.gz" if form == "gzip" else "a.json"), content)

    assert [*found.names] == ["age", "plan", "since", "new"]
    assert found.columns["age"].values.tolist() == [31, 2.5]
    assert found.columns["plan"].texts.tolist() == ["basic"]
    assert found.columns["plan"].absent.tolist() == [False, True]
    assert [found.columns[name].kind for name in ("since", "new")] == ["moment", "boolean"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"a": 1, "plan": "x"}\n{"a": "2", "plan": "y"}\n[3]', "write one object a line"),
        ('{"a": 1, "a": 2, "plan": "x"}', "has a row with the name 'a' twice"),
        ('{"a": 1, "plan": "x"', "write one object a line"),
        ("[1, 2, 3]", "write one object a line"),
        ("[]", "Empty JSON file"),
    ],
)
def test_json_without_a_table_is_refused_in_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(TrainingError, match=sentence) as refused:
        read(tmp_path / "a.json", content.encode())

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("form", ["lines", "indented array", "UTF-16"])
def test_numbers_beside_strings_are_texts_with_their_digits(tmp_path: Path, form: str) -> None:
    lines = '{"a": "12", "plan": "x"}\n{"a": 12.50, "plan": "y"}\n{"a": null, "plan": "y"}\n{"plan": "x"}'
    array = "[" + lines.replace("\n", ",\n").replace(": ", ":\n ") + "]"
    content = {"lines": lines.encode(), "indented array": array.encode(), "UTF-16": lines.encode("utf-16")}

    found = read(tmp_path / "a.json", content[form])

    assert found.columns["a"].texts.tolist() == ["12", "12.50"]
    assert found.columns["a"].absent.tolist() == [False, False, True, True]
    assert found.columns["plan"].texts.tolist() == ["x", "y"]


@pytest.mark.parametrize("other", ["5", '"x"', '{"b": "x"}', "[1]"])
def test_nested_values_beside_others_are_no_cells_either(tmp_path: Path, other: str) -> None:
    lines = f'{{"a": {{"b": 1}}, "plan": "x"}}\n{{"a": {other}, "plan": "y"}}'

    found = read(tmp_path / "a.json", lines.encode())

    assert found.columns["a"].kind == "nested"
    assert found.columns["plan"].texts.tolist() == ["x", "y"]


def test_nested_values_are_no_cells(tmp_path: Path) -> None:
    found = read(tmp_path / "a.json", b'{"a": {"b": 1}, "plan": "x"}\n{"a": {"b": 2}, "plan": "y"}')

    assert found.columns["a"].kind == "nested"


@pytest.mark.parametrize(
    "content", ['{"a": {"0": 1}, "plan": {"0": "x"}}', '{"rows": [{"a": 1, "plan": "x"}]}']
)
def test_one_object_around_the_rows_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(
        TrainingError, match=r"one object with lists or objects inside.*write one object a line"
    ):
        read(tmp_path / "a.json", content.encode())


@pytest.mark.parametrize("form", ["lines", "array"])
def test_numbers_that_json_has_not_are_absent(tmp_path: Path, form: str) -> None:
    lines = '{"a": NaN, "plan": "NaN or so"}\n{"a": -Infinity, "plan": "x"}\n{"a": 5, "plan": "x"}'
    content = lines if form == "lines" else f"[{lines.replace(chr(10), ',')}]"

    found = read(tmp_path / "a.json", content.encode())

    assert found.columns["a"].absent.tolist() == [True, True, False]
    assert found.columns["plan"].texts.tolist() == ["NaN or so", "x"]
