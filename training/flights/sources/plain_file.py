"""Plain form of a flights file: UTF-8, commas, decimal points, timestamps in local time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from training.data.claimed_folder import claimed_folder
from training.engines.input_file import UNUSED, RawFile
from training.errors import TrainingError
from training.flights.sources.dialect import recognise
from training.flights.sources.file_format import FileFormat, read_format
from training.flights.sources.unpacking import UNPACKED

_CODES = ("carrier", "origin", "destination", "flight_date")
# "1,234" and "1,234,567", which are whole numbers to some and decimals to others.
_GROUPED = r"^\s*[-+]?[0-9]{1,3}(,[0-9]{3})+\s*$"
# "1.234,5" and "1.234", where the comma is the decimal point.
_POINTS = r"^\s*[-+]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?\s*$"


@contextmanager
def plain_file(path: Path, name: str, folder: Path) -> Iterator[RawFile]:
    """Recognizes a file's format and dialect; writes it in plain form into the folder if it has another one.

    Raises:
        TrainingError: When the file cannot be read, its columns are unknown, or its numbers are ambiguous.
    """
    form = read_format(path, name)
    columns = recognise(form.header, name).column_names(form.header)
    raw = RawFile(path=path, header=form.header, columns=tuple(columns), name=name)
    zoned = _zoned(raw) if raw.is_parquet else []
    if form.is_plain and not zoned:
        yield raw
        return
    with claimed_folder(folder, UNPACKED) as temporary:
        plain = temporary / f"plain{'.parquet' if zoned else '.csv'}"
        used = {ours: theirs for theirs, ours in zip(raw.header, columns, strict=True) if _is_used(ours)}
        try:
            if zoned:
                _write_local_times(raw, plain, used, zoned)
            else:
                _write_csv(raw, form, plain, used)
        except (pa.ArrowException, UnicodeDecodeError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise TrainingError(f"{name} cannot be read: {reason}") from error
        yield RawFile(path=plain, header=tuple(used.values()), columns=tuple(used), name=name)


def _is_used(column: str) -> bool:
    return not column.startswith(UNUSED)


def _zoned(raw: RawFile) -> list[str]:
    """Lists our columns that are timestamps with a time zone."""
    schema = pq.read_schema(raw.path)
    return [
        ours
        for position, ours in enumerate(raw.columns)
        if _is_used(ours) and pa.types.is_timestamp(kind := schema.field(position).type) and kind.tz
    ]


def _write_local_times(raw: RawFile, plain: Path, used: Mapping[str, str], zoned: list[str]) -> None:
    """Writes the used columns; a zoned timestamp becomes the time on the clocks of its zone."""
    file = pq.ParquetFile(raw.path)
    writer = None
    for batch in file.iter_batches(columns=list(used.values())):
        arrays = [
            pc.local_timestamp(batch.column(theirs)) if ours in zoned else batch.column(theirs)
            for ours, theirs in used.items()
        ]
        table = pa.table(dict(zip(used.values(), arrays, strict=True)))
        writer = writer or pq.ParquetWriter(plain, table.schema)
        writer.write_table(table)
    if writer is None:
        raise TrainingError(f"{raw.name} has no rows.")
    writer.close()


def _write_csv(raw: RawFile, form: FileFormat, plain: Path, used: Mapping[str, str]) -> None:
    numbers = [ours for ours in used if ours not in _CODES]
    has_decimal_commas = _has_decimal_commas(raw, form, used, numbers)
    schema = pa.schema([(theirs, pa.string()) for theirs in used.values()])
    with pa_csv.CSVWriter(plain, schema) as writer:
        for batch in _batches(raw, form):
            arrays = [
                _with_points(batch.column(ours))
                if has_decimal_commas and ours in numbers
                else batch.column(ours)
                for ours in used
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _has_decimal_commas(raw: RawFile, form: FileFormat, used: Mapping[str, str], numbers: list[str]) -> bool:
    """Decides from all number columns of the file.

    Raises:
        TrainingError: When every comma may separate thousands or decimals.
    """
    grouped: tuple[str, str] | None = None
    for batch in _batches(raw, form):
        for ours in numbers:
            with_comma = batch.column(ours).filter(pc.match_substring(batch.column(ours), ","))
            if not len(with_comma):
                continue
            if not pc.all(pc.match_substring_regex(with_comma, _GROUPED)).as_py():
                return True
            grouped = grouped or (used[ours], with_comma[0].as_py())
    if grouped:
        column, text = grouped
        raise TrainingError(
            f"{raw.name} has {text!r} in column {column}, where the comma may separate thousands or "
            "decimals, and no other number of the file decides it: write its numbers without thousands "
            "separators, and "
            "with a decimal point."
        )
    return False


def _with_points(texts: pa.Array) -> pa.Array:
    has_points = pc.match_substring_regex(texts, _POINTS)
    return pc.replace_substring(pc.if_else(has_points, pc.replace_substring(texts, ".", ""), texts), ",", ".")


def _batches(raw: RawFile, form: FileFormat) -> pa_csv.CSVStreamingReader:
    return pa_csv.open_csv(
        raw.path,
        read_options=pa_csv.ReadOptions(
            encoding=form.encoding, column_names=list(raw.columns), skip_rows=1 + form.lines_before
        ),
        parse_options=pa_csv.ParseOptions(delimiter=form.delimiter),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(raw.columns, pa.string()), strings_can_be_null=False
        ),
    )
