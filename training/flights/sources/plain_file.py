"""Plain form of a flights file: UTF-8, commas, decimal points, timestamps in local time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from training.data.file_format import GROUPED, FileFormat, ambiguous_comma, is_zoned, with_points
from training.data.temporary_folder import temporary_folder
from training.engines.engine import UNUSED, RawFile
from training.errors import TrainingError
from training.flights.request_fields import CODE_FIELDS
from training.flights.sources.unpacking import UNPACKED

_TEXTS = (*CODE_FIELDS, "flight_date", "tail_number")


@contextmanager
def plain_file(raw: RawFile, form: FileFormat, folder: Path) -> Iterator[RawFile]:
    """Writes a file of another format in plain form into a temporary folder of `folder`.

    Raises:
        TrainingError: When the file cannot be read, or its numbers are ambiguous.
    """
    with temporary_folder(folder, UNPACKED) as temporary:
        plain = temporary / f"plain{'.parquet' if raw.is_parquet else '.csv'}"
        used = {ours: theirs for theirs, ours in zip(raw.header, raw.columns, strict=True) if _is_used(ours)}
        try:
            if raw.is_parquet:
                _write_local_times(raw, plain, used)
            else:
                _write_csv(raw, form, plain, used)
        except (pa.ArrowException, UnicodeDecodeError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise TrainingError(f"{raw.name} cannot be read: {reason}") from error
        yield RawFile(path=plain, header=tuple(used.values()), columns=tuple(used), name=raw.name)


def _is_used(column: str) -> bool:
    return not column.startswith(UNUSED)


def _write_local_times(raw: RawFile, plain: Path, used: Mapping[str, str]) -> None:
    """Writes the used columns; a zoned timestamp becomes the time on the clocks of its zone."""
    file = pq.ParquetFile(raw.path)
    writer = None
    for batch in file.iter_batches(columns=list(used.values())):
        table = pa.table({theirs: _local(batch.column(theirs)) for theirs in used.values()})
        writer = writer or pq.ParquetWriter(plain, table.schema)
        writer.write_table(table)
    if writer is None:
        raise TrainingError(f"{raw.name} has no rows.")
    writer.close()


def _local(values: pa.Array) -> pa.Array:
    return pc.local_timestamp(values) if is_zoned(values.type) else values


def _write_csv(raw: RawFile, form: FileFormat, plain: Path, used: Mapping[str, str]) -> None:
    numbers = [ours for ours in used if ours not in _TEXTS]
    has_decimal_commas = _has_decimal_commas(raw, form, used, numbers)
    schema = pa.schema([(theirs, pa.string()) for theirs in used.values()])
    with pa_csv.CSVWriter(plain, schema) as writer:
        for batch in _batches(raw, form):
            arrays = [
                with_points(batch.column(ours))
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
            if not pc.all(pc.match_substring_regex(with_comma, GROUPED)).as_py():
                return True
            grouped = grouped or (used[ours], with_comma[0].as_py())
    if grouped:
        column, text = grouped
        raise ambiguous_comma(raw.name, text, column)
    return False


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
