"""Objects of S3 that are scored: what is read and written for each step of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import msgspec

from bundle.scored_file_formats import CSV, JSON_LINES, MOST_PACKED_BYTES, FileError, format_of, is_scored
from serving.files.byte_ranges import Range, find_ranges
from serving.files.csv_file_rows import CsvRows
from serving.files.csv_records import read_header
from serving.files.file_part import FileRows, PartResult, score_part
from serving.files.json_file_rows import JsonRows
from serving.files.summary import SUCCESS, CallCounts, parts_of, result_files, summarize
from serving.files.unpacking import unpack
from serving.lambda_function.s3 import SCHEME, S3Client
from serving.predict.predictor import Predictor

# A call may take 15 minutes: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
_SECONDS = 120.0
_MEDIA_TYPES = {CSV: "text/csv; charset=utf-8", JSON_LINES: "application/jsonlines"}


@dataclass(frozen=True, kw_only=True)
class ListedObject:
    """An object, as Step Functions lists it.

    Attributes:
        bucket: Its bucket.
        key: Its key.
        size: Its bytes.
        etag: Its ETag, so that a changed object is not mixed with the listed one.
    """

    bucket: str
    key: str
    size: int
    etag: str

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        """Reads the object of an event."""
        etag = str(event["etag"]).strip('"')
        return cls(bucket=event["bucket"], key=event["key"], size=int(event["size"]), etag=f'"{etag}"')

    @property
    def url(self) -> str:
        """S3 URI of the object."""
        return f"{SCHEME}{self.bucket}/{self.key}"


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run of the state machine.

    Attributes:
        prefix: Prefix of the objects' keys.
        output: Prefix of the results, which ends in a slash.
        bucket: Bucket of the results.
    """

    prefix: str
    output: str
    bucket: str

    @classmethod
    def of(cls, event: Mapping[str, Any], *, bucket: str) -> Self:
        """Reads the run of an event."""
        return cls(prefix=event["prefix"], output=event["output"], bucket=bucket)

    def url(self, key: str) -> str:
        """Returns the S3 URI of a result."""
        return f"{SCHEME}{self.bucket}/{key}"

    def relative(self, key: str) -> str:
        """Returns the key of an object below the folder of the prefix, without .gz."""
        return key[self.prefix.rfind("/") + 1 :].removesuffix(".gz")


class ObjectScorer:
    """Does the steps of a run.

    Args:
        predictor: The model.
        s3: Client of S3.
        run: The run.
    """

    def __init__(self, predictor: Predictor, s3: S3Client, run: Run) -> None:
        self._predictor = predictor
        self._s3 = s3
        self._run = run

    def split(self, stored: ListedObject, *, range_bytes: int) -> Any:
        """Returns the ranges of an object."""
        if not is_scored(stored.key, self._run.prefix):
            return msgspec.to_builtins([Range(start=0, end=stored.size)])
        return msgspec.to_builtins(
            find_ranges(
                stored.key,
                stored.size,
                lambda first, last: self._read(stored, first, last),
                range_bytes=range_bytes,
            )
        )

    def score(self, stored: ListedObject, of: Any) -> Any:
        """Scores a range of an object, or the whole, and writes the result; returns what it holds."""
        counts = CallCounts(object=stored.key, model=self._predictor.name, version=self._predictor.version)
        if not is_scored(stored.key, self._run.prefix):
            return msgspec.to_builtins(counts)
        part = msgspec.convert(of, Range) if of else Range(start=0, end=stored.size)
        found = self._score(stored, part)
        name = self._run.relative(stored.key)
        if part.part:
            suffix = format_of(stored.key).suffix
            name = f"{name.removesuffix(suffix)}.part-{part.part:05d}{suffix}"
        result, errors = f"{self._run.output}{name}", f"{self._run.output}_refused/{name}.csv"
        self._write(result, found.body, _MEDIA_TYPES[format_of(stored.key).name])
        if found.refused:
            self._write(errors, found.errors, _MEDIA_TYPES[CSV])
        return msgspec.to_builtins(
            msgspec.structs.replace(
                counts,
                rows=found.rows,
                predicted=found.rows - found.refused,
                refused=found.refused,
                result=result,
                errors=errors if found.refused else "",
            )
        )

    def finish(self, manifest: str) -> Any:
        """Adds up the parts, and writes _SUCCESS; returns the summary."""
        parts = [
            part
            for key in result_files(self._read_whole(manifest))
            for part in parts_of(self._read_whole(key))
        ]
        summary = summarize(
            parts,
            model=self._predictor.name,
            version=self._predictor.version,
            output=self._run.url(self._run.output),
        )
        self._write(f"{self._run.output}{SUCCESS}", msgspec.json.encode(summary), "application/json")
        return msgspec.to_builtins(summary)

    def _score(self, stored: ListedObject, part: Range) -> PartResult:
        form = format_of(stored.key)
        if form.is_packed and stored.size > MOST_PACKED_BYTES:
            raise FileError(
                f"{stored.key} has {stored.size:,} bytes, and {MOST_PACKED_BYTES:,} are the most of a "
                "compressed object: store it uncompressed, which several calls can read in ranges."
            )
        content = self._read(stored, part.start, part.end)
        if form.is_packed:
            content = unpack(stored.key, content)
        if not content:
            return PartResult(b"", b"", 0, 0)
        if form.name == CSV:
            header, begin = part.header, 0
            if header is None:
                header, begin = read_header(stored.key, content)
            csv = CsvRows(stored.key, header, self._predictor.fields, self._predictor)
            return self._score_rows(csv, content[begin:], stored, part)
        json = JsonRows(stored.key, self._predictor.fields, self._predictor)
        return self._score_rows(json, content, stored, part)

    def _score_rows(
        self, rows: FileRows[Any], content: bytes, stored: ListedObject, part: Range
    ) -> PartResult:
        return score_part(self._predictor, rows, content, file=stored.url, first=part.first)

    def _read(self, stored: ListedObject, start: int, end: int) -> bytes:
        if start == end:
            return b""
        return self._s3.read_range(stored.url, start=start, end=end, etag=stored.etag, seconds=_SECONDS)

    def _read_whole(self, key: str) -> bytes:
        found = self._s3.read(self._run.url(key), seconds=_SECONDS)
        return found.body if found else b""

    def _write(self, key: str, body: bytes, media_type: str) -> None:
        self._s3.write(self._run.url(key), body, media_type=media_type, seconds=_SECONDS)
