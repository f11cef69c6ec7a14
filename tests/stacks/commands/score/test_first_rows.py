"""The check of an object's first rows, before a run that costs money."""

import gzip
import io
from types import SimpleNamespace
from typing import Any

import pytest

from stacks.commands.aws_account import UnreadableAccountError
from stacks.commands.score.first_rows import check_first_rows
from tests.tiny_bundle import FIELDS

WAY_OUT = "make score MODEL=tiny FILE=s3://rows/in/"


class Account:
    """An account with one object."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, _service: str, _operation: str, **call: Any) -> Any:
        """Returns the wanted bytes."""
        first, _, last = call["Range"].removeprefix("bytes=").partition("-")
        return {"Body": io.BytesIO(self._content[int(first) : int(last) + 1])}


def check(key: str, content: bytes, *, has_header: bool = True) -> None:
    manifest: Any = SimpleNamespace(name="tiny", fields=FIELDS)
    account: Any = Account(content)
    objects = [("in/empty.csv", 0), (f"in/{key}", len(content))]
    check_first_rows(account, manifest, "rows", objects, has_header=has_header)


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("plain.csv", "\ufeffid,size,kind\n1,0.5,ant\n" + "2,x,\n" * 12),
        ("few.csv", "size,day\n" + "x,29.02.2024\n" * 3),
        ("long.csv", "size,kind\n" + "1,ant\n" * 20_000),
        ("none.csv", ""),
        ("rows.jsonl", '{"size": 1, "day": "2024-02-29"}\n[1]\nno json\n'),
        ("values.jsonl", "[1]\n"),
    ],
)
def test_rows_that_the_api_reads_in_part_are_scored(key: str, content: str) -> None:
    check(key, content.encode())
    check(f"{key}.gz", gzip.compress(content.encode()))


@pytest.mark.parametrize(
    ("key", "content", "sentence"),
    [
        ("table.csv", "Größe;Tag\n1,5;29.02.2024\n", "has no column 'size'; its first ones are Größe;Tag"),
        (
            "table.csv",
            "size,day\n" + '"1,5",29.02.2024\n' * 12,
            "has values that the API refuses in each of its first 12 rows, such as size ('1,5'), day ('29.02",
        ),
        ("table.jsonl", '{"Größe": 1}\n', "has no column 'size'; its first ones are Größe"),
        ("table.jsonl", '{"size": "1,5"}\n' * 12, "in each of its first 12 rows, such as size ('1,5')"),
        ("table.csv.gz", "size\n1\n", "in/table.csv.gz is no gzip file"),
    ],
)
def test_a_table_with_other_names_or_notations_is_refused_with_the_way_out(
    key: str, content: str, sentence: str
) -> None:
    with pytest.raises(UnreadableAccountError) as raised:
        check(key, content.encode())

    assert sentence in str(raised.value)
    assert f"{WAY_OUT}{key} " in str(raised.value)


def test_a_file_without_a_header_has_the_order_of_the_fields_where_a_job_reads_it() -> None:
    rows = b"1,2,2024-02-29,17:45,ant\n" * 12

    check("rows.csv", rows, has_header=False)

    with pytest.raises(UnreadableAccountError, match="has no column 'size'"):
        check("rows.csv", rows)
    with pytest.raises(UnreadableAccountError, match=r"such as size \('1\.3\.2024'\)"):
        check("rows.csv", b"1.3.2024,2\n" * 12, has_header=False)


@pytest.mark.parametrize("header", [b"count,size", b"size,count,id", b"id,size,count"])
def test_a_header_that_a_job_would_refuse_is_refused_before_it_starts(header: bytes) -> None:
    check("rows.csv", b"size,count\n1,2\n", has_header=False)

    with pytest.raises(
        UnreadableAccountError, match=r"another order than the fields.* job needs: size, count"
    ):
        check("rows.csv", header + b"\n1,2,3\n", has_header=False)
