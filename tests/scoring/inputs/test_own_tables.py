"""Files of an own table: their cells are read as in training, by the file of the fields."""

from pathlib import Path

import pandas as pd
import pytest

from tests.scoring.scored import Scored
from tests.tiny_bundle import FIELDS
from training.tables.columns.fields_file import FIELDS_FILE, TableFile, write_table_file
from training.tables.columns.table_column import TableColumn

COLUMNS = {"size": ("Größe", "1.234,5"), "day": ("Tag", "%d.%m.%Y"), "at": ("Uhr", "%I:%M %p")}
TABLE = """Report of sizes

Größe;count;Tag;Uhr;kind;note
"0,5 €";2;29.02.2024;05:45 PM;ant;a
"(1,5)";-9;;;?;b
"9,25 €";inf;01.03.2024;n.a.; ant ;c
"""
PLAIN = """size,count,day,at,kind
0.5,2,2024-02-29,17:45,ant
-1.5,,,,
9.25,,2024-03-01,,ant
"""


def write_fields_file(folder: Path, *, renamed: bool = True) -> None:
    columns = tuple(
        TableColumn(
            field=field,
            name=COLUMNS[field.name][0] if renamed and field.name in COLUMNS else field.name,
            written=COLUMNS.get(field.name, ("", ""))[1],
            missing=("-9",) if field.name == "count" else ("n.a.",),
        )
        for field in FIELDS
    )
    content = TableFile(columns=columns, settings={"target": "label", "task": "binary"})
    write_table_file(folder / FIELDS_FILE, content, title="fields")


def answers(scored: Scored) -> list[tuple[str, str]]:
    return [(row["label"], row["probability"]) for row in scored.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "utf-32"])
def test_cells_are_read_as_the_table_writes_them(tiny: Scored, encoding: str) -> None:
    plain = tiny.run(tiny.write("plain.csv", PLAIN))
    expected = answers(tiny)
    write_fields_file(tiny.folder)

    found = tiny.run(tiny.write("table.csv", TABLE.encode(encoding)))

    assert answers(tiny) == expected
    assert (plain["answered"], found["answered"]) == (2, 2)
    assert found["unreadable"] == {"count": 1}
    assert tiny.rows()[0]["Größe"] == "0,5 €"
    assert [row for row, *_ in tiny.refused()] == [2]


def test_typed_columns_are_read_as_in_training_too(tiny: Scored) -> None:
    write_fields_file(tiny.folder)
    table = pd.DataFrame({"Größe": [0.5, 9.25], "count": [2.0, -9.0], "kind": ["ant", None]})
    table.to_parquet(tiny.folder / "table.parquet")

    found = tiny.run(tiny.folder / "table.parquet")

    assert found["answered"] == 2


def test_a_number_in_another_notation_is_refused_and_not_read_otherwise(tiny: Scored) -> None:
    write_fields_file(tiny.folder)

    tiny.run(tiny.write("table.csv", 'Größe;count\n"1,5";2\n1.5;2\n'))

    assert tiny.refused() == [(2, "size", "must be a number from 0 to 100 cm")]


def test_a_required_column_that_is_missing_is_named_as_in_the_table(tiny: Scored) -> None:
    write_fields_file(tiny.folder)

    assert "has no column 'Größe'" in tiny.refusal(tiny.write("table.csv", "Grösse;count\n1,5;2\n"))


def test_columns_with_the_names_of_fields_are_read_as_the_table_writes_them_too(tiny: Scored) -> None:
    write_fields_file(tiny.folder, renamed=False)

    tiny.run(tiny.write("table.csv", 'size;count\n"1.500 €";2\n"1,5";-9\n'))

    assert tiny.refused() == [(1, "size", "must be a number from 0 to 100 cm")]
    assert tiny.rows()[1]["label"] == "yes"


def test_a_repeated_column_has_the_number_that_training_gives_it(tiny: Scored) -> None:
    columns = tuple(
        TableColumn(field=field, name={"size": "x", "count": "x (2)"}.get(field.name, field.name))
        for field in FIELDS
    )
    content = TableFile(columns=columns, settings={"target": "label", "task": "binary"})
    write_table_file(tiny.folder / FIELDS_FILE, content, title="fields")

    found = tiny.run(tiny.write("table.csv", "x,x\n1,2\n3,-1\n"))

    assert found["columns"] == {"size": "x", "count": "x (2)"}
    assert tiny.refused() == [(2, "count", "must be a whole number of at least 0, null or left out")]


def test_numbers_that_json_has_not_count_as_not_known_as_in_training(tiny: Scored) -> None:
    write_fields_file(tiny.folder, renamed=False)
    rows = '{"size":1,"count":NaN,"note":"NaN"}\n{"size":1,"count":-Infinity}\n{"size":NaN}\n'

    lines = tiny.run(tiny.write("rows.jsonl", rows), out="out.jsonl")
    array = tiny.run(tiny.write("rows.json", f"[{','.join(rows.split())}]"))

    assert [(row["count"], row["label"] is None) for row in tiny.rows("out.jsonl")] == [
        (None, False),
        (None, False),
        (None, True),
    ]
    assert tiny.rows("out.jsonl")[0]["note"] == "NaN"
    assert (lines["answered"], array["answered"]) == (2, 2)
