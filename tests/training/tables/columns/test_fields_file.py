"""The file of a table's fields."""

from dataclasses import replace
from pathlib import Path

import pytest

from training.errors import TrainingError
from training.tables.columns.fields_file import TableFile, read_table_file, write_table_file
from training.tables.columns.inference import infer

TABLE = {
    'a "quoted" näme\x7f': ["1.234,5", "3,5", "2,25", "-"] * 10,
    "when": ["31.12.2023 05:00", "01.02.2024 06:10", "02.02.2024 06:10", "03.02.2024 06:10"] * 10,
    "plan": ["base\\x", "pro", "pro", "base\\x"] * 10,
    "void": [""] * 40,
}


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    columns = infer(TABLE).columns
    settings = {"target": 'left "early"', "labels": ["no", "yes\n"]}

    write_table_file(tmp_path / "t", TableFile(columns=columns, settings=settings), title="Fields.")
    found = read_table_file(tmp_path / "t")

    assert found.columns == tuple(replace(one, notes=()) for one in columns)
    assert found.settings == settings
    assert [one.field.type for one in found.columns] == ["number", "date", "time", "string", "string"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("target = ", "cannot be read"),
        ('target = "x"', r"has no \[\[field\]\]"),
        ('[[field]]\nname = "a"\ntype = "float"\nexample = 1', "the field 'a' is wrong"),
        ('[[field]]\nname = "a"\ntype = "number"\nexample = 1\nminimun = 0', "minimun"),
        ('[[field]]\nname = "a"\ntype = "number"\nexample = 1\n' * 2, "two fields of the name 'a'"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "table.toml").write_text(text)

    with pytest.raises(TrainingError, match=sentence):
        read_table_file(tmp_path / "table.toml")
