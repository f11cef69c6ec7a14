"""Parquet files joined by their footers."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scoring.outputs.output_format import ParquetFormat

COLUMNS = 20


def table(part: int) -> pa.Table:
    rows = 7 + part
    columns: dict[str, pa.Array] = {
        f"number_{column}": pa.array([part * column + row * 0.5 for row in range(rows)])
        for column in range(COLUMNS)
    }
    columns["text"] = pa.array([f"part {part}"] * (rows - 1) + [None]).dictionary_encode()
    columns["list"] = pa.array([[row, None] if row % 2 else None for row in range(rows)])
    columns["flag"] = pa.array([row % 2 == 0 for row in range(rows)])
    return pa.table(columns)


def test_joined_parts_are_one_file_for_every_reader(tmp_path: Path) -> None:
    # More parts and columns than the short form of a list in a footer holds.
    tables = [table(part) for part in range(17)]
    paths = [tmp_path / f"{number}.parquet" for number in range(len(tables))]
    for path, one in zip(paths, tables, strict=True):
        ParquetFormat().write_part(path, one)
    schema = pa.schema([(f.name, pa.string() if f.name == "text" else f.type) for f in tables[0].schema])
    expected = pa.concat_tables([one.cast(schema) for one in tables])

    whole = tmp_path / "whole.parquet"
    with whole.open("wb") as file:
        ParquetFormat().join(file, paths, schema, {"model.name": "tiny"})

    assert pq.read_table(whole).equals(expected)
    assert pq.read_schema(whole).field("text").type == pa.string()
    metadata = pq.read_metadata(whole)
    assert (metadata.num_rows, metadata.num_row_groups) == (len(expected), len(tables))
    assert metadata.metadata[b"model.name"] == b"tiny"
    assert metadata.row_group(16).column(3).statistics.min == 16 * 3
    group = pq.ParquetFile(whole).read_row_group(16, ["text", "number_3"])
    assert pc.unique(group["text"]).to_pylist() == ["part 16", None]
    connection = duckdb.connect()
    [found] = connection.execute(
        "select sum(number_19), count(text) from read_parquet($1)", [str(whole)]
    ).fetchall()
    assert found == (pc.sum(expected["number_19"]).as_py(), len(expected) - len(tables))
