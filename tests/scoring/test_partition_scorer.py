"""The function that a worker of Spark runs on a partition, without Spark."""

import pickle
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from bundle import read_archive
from scoring.answer_columns import AnswerOptions
from scoring.cluster.file_plan import FilePlan, InputForm, RecordedRows, file_key
from scoring.cluster.partition_rows import ADDED, PLACE
from scoring.cluster.partition_scorer import ClusterPlan, CountsSum, PartitionScorer
from scoring.errors import ScoringError
from scoring.inputs.row_reader import RowReader
from scoring.outputs.finished_parts import RowCounts
from tests.scoring.scored import Scored

OWN = pa.schema([("size", pa.string()), ("note", pa.string())])


class Counts:
    """Adds up counts as Spark's accumulator does."""

    def __init__(self) -> None:
        self.value = RowCounts(rows=0)

    def add(self, counts: RowCounts) -> None:
        self.value = CountsSum().addInPlace(self.value, counts)


def plan_of(form: InputForm, **parts: Any) -> FilePlan:
    rows = RecordedRows(
        header=OWN.names, schema=OWN, decides_commas=form != InputForm.JSON_LINES, is_plain=True
    )
    return FilePlan(name="rows", form=form, rows=rows, **parts)


def scorer_of(tiny: Scored, files: dict[str, FilePlan], counts: Counts) -> PartitionScorer:
    bundle = read_archive(tiny.folder / "model.tar.gz")
    reader = RowReader(fields=bundle.manifest.fields)
    plan = ClusterPlan(bundle=bundle, reader=reader, options=AnswerOptions(), own=OWN, files=files)
    # Spark sends the plan to other processes.
    sent = pickle.loads(pickle.dumps(plan))  # noqa: S301  # our own
    return PartitionScorer(SimpleNamespace(value=sent), counts)


def spark_batch(rows: Sequence[tuple[Any, ...]], width: int) -> pa.RecordBatch:
    """Returns a batch of Spark: columns by position, then those that it adds."""
    names = [*(f"c{place}" for place in range(width)), *ADDED]
    types = {PLACE: pa.int64()}
    columns = [[*column] for column in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays(
        [pa.array(column, types.get(name, pa.string())) for name, column in zip(names, columns, strict=True)],
        names=names,
    )


def table(batches: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pa.Table.from_batches([*batches]).to_pylist()
    return found


def test_a_partition_of_csv_records_is_answered_and_numbered_by_its_files(tiny: Scored) -> None:
    # Given two files in one partition, the first over two batches
    first, second = "file:///in/a%20b.csv", "file:///in/c.csv"
    header = ("size", "note", None, 0)
    batches = [
        spark_batch([(*header, first), ("0", "x", None, 0, first)], 2),
        spark_batch(
            [
                ("200", None, "200", 0, first),
                (*header, second),
                ("# comment", None, "# comment", 0, second),
                ("1", "y", '1,y,"more\n"', 0, second),
                ("0", None, None, 0, second),
            ],
            2,
        ),
    ]
    files = {file_key(url): plan_of(InputForm.CSV, records_before=1) for url in (first, second)}
    counts = Counts()
    scorer = scorer_of(tiny, files, counts)

    answers, errors = table(scorer.answers(batches)), table(scorer.errors(batches))

    assert [(row["size"], row["note"], row["label"]) for row in answers] == [
        ("0", "x", "yes"), ("200", "", None), ("1", "y", None), ("0", "", "yes"),
    ]  # fmt: skip
    assert [(row["row"], row["field"], row["rule"]) for row in errors] == [
        (2, "size", "must be a number from 0 to 100 cm"),
        (1, None, "has 3 cells: 2 are the most"),
    ]
    assert counts.value == RowCounts(rows=4, refused=2, labels={"yes": 2})


@pytest.mark.parametrize("is_utf8", [True, False])
def test_bytes_that_spark_could_not_read_are_refused_and_not_answered(tiny: Scored, is_utf8: bool) -> None:
    files = {"/in/a.csv": plan_of(InputForm.CSV, is_utf8=is_utf8)}
    batch = spark_batch([("1", "caf\ufffd", None, 0, "file:/in/a.csv")], 2)
    answers = scorer_of(tiny, files, Counts()).answers([batch])

    if is_utf8:
        with pytest.raises(ScoringError, match="rows has characters that Spark cannot read as UTF-8"):
            table(answers)
    else:
        assert len(table(answers)) == 1


def test_rows_of_a_split_parquet_file_have_their_number_in_the_file(tiny: Scored) -> None:
    url = "file:/in/rows.parquet"
    # Given the row groups from row 10 and from row 4 in one partition
    batch = spark_batch([("0", "x", None, 10, url), ("-1", "y", None, 11, url), ("-2", "z", None, 4, url)], 2)
    scorer = scorer_of(tiny, {file_key(url): plan_of(InputForm.PARQUET)}, Counts())

    assert [row["row"] for row in table(scorer.errors([batch]))] == [12, 5]


def test_blocks_of_json_lines_are_numbered_without_blank_lines(tiny: Scored) -> None:
    url = "file:/in/rows.jsonl"
    lines = [("\ufeff" + '{"size": 0}\r', 0), ("", 0), ('{"size": "x"}', 0), ("[1]", 900), ("[", 900)]
    batches = [spark_batch([(line, None, place, url) for line, place in lines], 1)]
    plan = plan_of(InputForm.JSON_LINES, rows_before={0: 0, 900: 7})
    counts = Counts()
    scorer = scorer_of(tiny, {file_key(url): plan}, counts)

    assert [row["label"] for row in table(scorer.answers(batches))] == ["yes", None, "yes", None]
    assert [(row["row"], row["field"]) for row in table(scorer.errors(batches))] == [(2, "size"), (9, None)]
    assert counts.value.rows == 4
