"""First rows of an object, checked before a run that costs money: columns and values that the API reads."""

import csv
import io
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bundle import Field, Manifest
from bundle.rows import value_type
from bundle.scored_file_formats import JSON_LINES, format_of
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError

_BYTES = 1 << 16
# Fewer rows may all be wrong, and cost nothing.
_LEAST_ROWS = 10
_LISTED = 8
_LONGEST_VALUE = 40
_GZIP = 31

_Row = Mapping[str, Any]


def check_first_rows(
    account: AwsAccount,
    manifest: Manifest,
    bucket: str,
    objects: Sequence[tuple[str, int]],
    *,
    has_header: bool = True,
) -> None:
    """Checks the first object of a run: a model on AWS has no reader of the notations of an own table.

    Args:
        account: Account of the stack.
        manifest: Manifest of the model that serves.
        bucket: Bucket of the objects.
        objects: Key and bytes of each.
        has_header: Whether a CSV must have a header; without one its cells may be in the order of the fields.

    Raises:
        UnreadableAccountError: When a required field has no column, every one of the first rows has a value
            that the API refuses, or S3 refuses.
    """
    key, size = next((one for one in objects if one[1]), ("", 0))
    if not size:
        return
    found = account.read(
        "s3",
        "get_object",
        action="s3:GetObject",
        Bucket=bucket,
        Key=key,
        Range=f"bytes=0-{_BYTES - 1}",
    )
    content = found["Body"].read()
    if problem := _problem(key, content, manifest.fields, is_whole=size <= _BYTES, has_header=has_header):
        raise UnreadableAccountError(
            f"{key} {problem}. Nothing has started: files on AWS need the names of the model's fields and "
            "values as the API takes them. Write them so, or score the file on this machine, which reads the "
            f"table of a model as training did: `make score MODEL={manifest.name} FILE=s3://{bucket}/{key} "
            "OUT=scored.parquet`."
        )


def _problem(key: str, content: bytes, fields: Sequence[Field], *, is_whole: bool, has_header: bool) -> str:
    """Returns the fault of the beginning of an object; "" for nothing."""
    if format_of(key).is_packed:
        try:
            content = zlib.decompressobj(_GZIP).decompress(content, _BYTES)
        except zlib.error:
            return "is no gzip file"
        is_whole = False
    text = content.decode("utf-8-sig", errors="replace")
    if not is_whole:
        # The last line may be cut.
        text = text.rpartition("\n")[0]
    if format_of(key).name == JSON_LINES:
        return _described(_json_rows(text), fields, is_strict=True)
    try:
        records = [record for record in csv.reader(io.StringIO(text, newline="")) if record]
    except csv.Error:
        # The program that scores says where.
        return ""
    in_order = [field.name for field in fields]
    if not records or (not has_header and 2 * len({*in_order} & {*records[0]}) < len(records[0])):
        records.insert(0, in_order)
    names, *rows = records
    if not has_header and names != in_order[: len(names)]:
        # SageMaker sends the header with the first rows of a file only.
        listed = ", ".join(in_order[: max(len(names), _LISTED)])
        return f"has a header in another order than the fields, which a batch transform job needs: {listed}"
    return _described([dict(zip(names, row, strict=False)) for row in rows], fields, is_strict=False)


def _json_rows(text: str) -> list[_Row]:
    """Returns the rows that are objects; an array has no names to check."""
    rows: list[_Row] = []
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows


def _described(rows: Sequence[_Row], fields: Sequence[Field], *, is_strict: bool) -> str:
    names = dict.fromkeys(name for row in rows for name in row)
    missing = [repr(field.name) for field in fields if field.required and field.name not in names]
    if rows and missing:
        shown = ", ".join([*names][:_LISTED])
        return f"has no column {' and no column '.join(missing[:_LISTED])}; its first ones are {shown}"
    wrong = [_wrong_values(row, fields, is_strict=is_strict) for row in rows]
    if len(rows) < _LEAST_ROWS or not all(wrong):
        return ""
    first = {name: value for row in reversed(wrong) for name, value in row.items()}
    shown = ", ".join(f"{name} ({value!r})" for name, value in [*first.items()][:_LISTED])
    return f"has values that the API refuses in each of its first {len(rows)} rows, such as {shown}"


def _wrong_values(row: _Row, fields: Sequence[Field], *, is_strict: bool) -> dict[str, str]:
    """Returns the values of a row that are none of their fields."""
    wrong = {}
    for field in fields:
        value = row.get(field.name)
        if value in (None, ""):
            continue
        try:
            msgspec.convert(value, value_type(field), strict=is_strict and not field.from_text)
        except msgspec.ValidationError:
            wrong[field.name] = str(value)[:_LONGEST_VALUE]
    return wrong
