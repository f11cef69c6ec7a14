"""The command with `--engine spark`: rows, answers and refused rows are those of the other engine."""

import csv
import gzip
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.scoring.inputs.test_own_tables import TABLE, write_fields_file
from tests.scoring.scored import HEADER, Scored

pytestmark = [
    pytest.mark.skipif(
        not shutil.which("java"), reason="Spark needs Java 17, and there is no `java` on the PATH"
    ),
    # Spark closes its own sockets and files only at the end of the process.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.usefixtures("spark_packages"),
    pytest.mark.environment,
]
SPARK = ["--engine", "spark"]
FLIGHTS = """FL_DATE;OP_CARRIER;ORIGIN;DEST;CRS_DEP_TIME;CRS_ARR_TIME;DISTANCE;gate
1/2/2018;DL;JFK;SJU;2359;456;1598,5;"B
22"
# a comment; of two cells
1/31/2018;B6;JFK;PSE;2359;noon;1.617,0;
1/3/2018;US;EWR;CLT;2510;0800;529;"a ""quoted"" cell"
1/3/2018;US;EWR;CLT;0545;0800
1/3/2018;UA;EWR;EWR;0600;0900;; A 12 ;more

12/12/2018;UA;EWR;BOS;0600;0900;200;\\
"""


def spark_rows(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pa.concat_tables(
        [pq.read_table(path) for path in sorted(folder.glob("part-*"))]
    ).to_pylist()
    return found


def csv_rows(*paths: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for path in sorted(paths):
        with path.open(newline="") as file:
            found += csv.DictReader(file)
    return sorted(found, key=lambda row: (row["file"], int(row["row"])))


def assert_same(scored: Scored, *sources: Path, ordered: bool = True) -> dict[str, Any]:
    """Scores files with both engines, and compares rows, errors and summaries."""
    here = scored.run(*sources, out="here.parquet")
    there = scored.run(*sources, out="there.parquet", options=SPARK)
    expected, found = scored.rows("here.parquet"), spark_rows(scored.folder / "there.parquet")
    order: Any = (lambda rows: rows) if ordered else (lambda rows: sorted(rows, key=repr))
    assert order(found) == order(expected)
    assert csv_rows(*(scored.folder / "there.parquet.refused.csv").glob("part-*")) == csv_rows(
        scored.folder / "here.parquet.refused.csv"
    )
    own = {"out", "refused_file", "seconds"}
    assert {key: value for key, value in there.items() if key not in own} == {
        key: value for key, value in here.items() if key not in own
    }
    return there


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_csv_has_the_same_rows_answers_and_refusals(flights: Scored, encoding: str) -> None:
    path = flights.write("flights [1].csv", f"sep=;\n{FLIGHTS}".encode(encoding))

    summary = assert_same(flights, path)

    assert (summary["rows"], summary["refused"]) == (6, 2)
    assert summary["unreadable"] == {"scheduled_arrival": 1}
    out = flights.folder / "there.parquet"
    assert (out / "_SUCCESS").exists()
    assert json.loads((out / "_scoring.json").read_text())["model"] == summary["model"]


def test_parquet_has_the_same_rows_answers_and_refusals(tiny: Scored) -> None:
    size = [*range(98), None, 120.5]
    table = pa.table(
        {
            "size": pa.array(size, pa.float32()),
            "Size": pa.array(map(str, range(100)), pa.string()),
            "day": pa.array([date(2024, 2, 29)] * 100, pa.date32()),
            "at": pa.array(
                [datetime(2024, 1, 1, hour % 24, tzinfo=UTC) for hour in range(100)],
                pa.timestamp("us", "America/New_York"),
            ),
            "kind": pa.array(["ant", "Bee"] * 50).dictionary_encode(),
            "list": [[place] for place in range(100)],
            "count": pa.array(map(str, range(100)), pa.large_string()),
            "unknown": pa.nulls(100),
        }
    )
    pq.write_table(table, tiny.folder / "rows.parquet", row_group_size=7)

    summary = assert_same(tiny, tiny.folder / "rows.parquet")

    assert summary["refused"] == 51


def test_json_lines_and_csv_files_with_other_columns_are_one_table(tiny: Scored) -> None:
    lines = ['{"size": 1, "extra": [1]}', "", '{"size": "x"}', "[3]", "[", '{"size": 2, "extra": 1.5}']
    first = tiny.write("a.jsonl.gz", gzip.compress("\r\n".join(lines).encode()))
    second = tiny.write("b.csv", f"{HEADER},note\n0,2,2024-02-29,17:45,ant,first\n200,,,,,é\n")

    assert_same(tiny, first, second, ordered=False)


def test_the_file_of_an_own_table_is_read_as_its_training_read_it(tiny: Scored) -> None:
    write_fields_file(tiny.folder)
    table = {"Größe": ["0,5 €", "(1,5)", "1.234"], "count": ["2", "-9", "3"], "kind": ["ant", "?", "n.a."]}
    pq.write_table(pa.table(table), tiny.folder / "table.parquet")
    lines = '{"Größe": "0,5", "count": "-9", "Tag": "1.3.2024"}\n{"Größe": 0.5, "kind": "ant"}\n'

    summary = assert_same(
        tiny,
        tiny.write("table.csv", TABLE.replace('"(1,5)"', '# a comment\n\n"(1,5)"')),
        tiny.folder / "table.parquet",
        tiny.write("table.jsonl", lines),
        ordered=False,
    )

    assert summary["columns"]["size"] == "Größe"
    assert (summary["rows"], summary["answered"], summary["unreadable"]) == (8, 4, {"count": 1})


def test_a_csv_output_keeps_the_texts_of_the_cells(tiny: Scored) -> None:
    path = tiny.write("rows.csv", 'size,note\n0.0," a ""b"", c "\n1,"d\ne"\n')

    tiny.run(path, options=SPARK)

    [part] = (tiny.folder / "out.csv").glob("part-*")
    with part.open(newline="") as file:
        assert [*csv.reader(file)] == [
            ["size", "note", "label", "probability"],
            ["0.0", ' a "b", c ', "yes", "0.5"],
            ["1", "d\ne", "yes", "0.7310586"],
        ]


def test_a_folder_whose_refused_rows_would_have_too_long_a_name_is_refused_before_the_run(
    tiny: Scored,
) -> None:
    sentence = tiny.refusal(tiny.write("rows.csv", "size\n1\n"), out=f"{'n' * 240}.csv", options=SPARK)

    assert sentence.endswith("too long by 1 bytes: name a shorter one with --out.")
    assert sorted(path.name for path in tiny.folder.iterdir()) == ["model.tar.gz", "rows.csv"]


def test_an_output_that_exists_is_refused(tiny: Scored) -> None:
    path = tiny.write("rows.csv", "size\n1\n")
    (tiny.folder / "out.csv.refused.csv").mkdir()

    sentence = tiny.refusal(path, options=SPARK)

    assert sentence.endswith("out.csv.refused.csv exists: remove it, or name another folder with --out.")
    assert not (tiny.folder / "out.csv").exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("rows.csv", b"sise\n1\n", "has no column 'size' (did you mean its column 'sise'?)"),
        ("rows.csv", b"size\n", "has no rows below its header."),
        ("rows.csv", b"size;x\n1,234;1\n", "where the comma may separate thousands or decimals"),
        ("rows.parquet", b"PAR1", "rows.parquet cannot be read as Parquet"),
        ("rows.csv.gz", b"size\n1\n", "is truncated or damaged"),
        ("_rows.csv", b"size\n1\n", "leaves out files whose names begin with '_'"),
    ],
)
def test_an_input_that_cannot_be_read_is_one_sentence(
    tiny: Scored, name: str, content: bytes, sentence: str
) -> None:
    assert sentence in tiny.refusal(tiny.write(name, content), options=SPARK)
    assert not (tiny.folder / "out.csv").exists()


def test_urls_and_their_patterns_are_read(tiny: Scored) -> None:
    tiny.write("a.csv", "size\n1\n")
    tiny.write("b.csv", "size\n2\n")
    folder = tiny.folder.absolute().as_uri()

    summary = tiny.run(f"{folder}/?.csv", options=SPARK)
    sentence = tiny.refusal(f"{folder}/none.csv", out="other.csv", options=SPARK)

    assert summary["rows"] == 2
    assert sentence.startswith(f"There is no file {folder}/none.csv")


def test_columns_between_spaces_are_refused(tiny: Scored) -> None:
    path = tiny.write("rows.data", "size  count\n1  2\n3  4\n")

    assert "score it without --engine spark" in tiny.refusal(path, options=SPARK)
