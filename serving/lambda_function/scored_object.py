"""Objects of S3 that are scored: reads and writes of each step of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import msgspec

from bundle.scored_file_formats import (
    CSV,
    JSON_LINES,
    FileError,
    check_packed_size,
    check_result_keys,
    format_of,
    is_scored,
    result_keys,
)
from serving.files.byte_ranges import Range, find_ranges
from serving.files.csv_file_rows import CsvRows
from serving.files.csv_records import read_header
from serving.files.file_part import FileRows, PartResult, score_part
from serving.files.json_file_rows import JsonRows
from serving.files.summary import SUCCESS, CallCounts, failures_of, parts_of, result_files, summarize
from serving.files.unpacking import unpack
from serving.lambda_function.s3 import SCHEME, S3Client, S3RefusalError
from serving.predict.predictor import Predictor

# A call may take 15 minutes: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
_SECONDS = 120.0
# Beside what Step Functions has collected; names that begin so are no rows.
_BEGUN = "_parts/_begun"
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
        return cls(prefix=event.get("prefix", ""), output=event["output"], bucket=bucket)

    def url(self, key: str) -> str:
        """Returns the S3 URI of a result."""
        return f"{SCHEME}{self.bucket}/{key}"


class ObjectScorer:
    """Does the steps of a run.

    Args:
        predictor: The model.
        s3: Client of S3.
        run: The run.
        obstacle: Why no object of the run can be scored any more; empty when they can.
    """

    def __init__(self, predictor: Predictor, s3: S3Client, run: Run, *, obstacle: str = "") -> None:
        self._predictor = predictor
        self._s3 = s3
        self._run = run
        self._obstacle = obstacle

    def begin(self) -> Any:
        """Writes the mark that the run has begun, which needs the permission to write results.

        Returns:
            The version of the model.

        Raises:
            FileError: S3 refuses.
        """
        found = {"version": self._predictor.version}
        self._write(f"{self._run.output}{_BEGUN}", msgspec.json.encode(found), "application/json")
        return found

    def split(self, stored: ListedObject, *, range_bytes: int) -> Any:
        """Returns the ranges of an object; one with the problem of an object that cannot be scored."""
        whole = Range(start=0, end=stored.size)
        if not is_scored(stored.key, self._run.prefix):
            return msgspec.to_builtins([whole])
        try:
            self._check(stored)
            found = find_ranges(
                stored.key,
                stored.size,
                lambda first, last: self._read(stored, first, last),
                range_bytes=range_bytes,
            )
            if found[0].header_bytes:
                self._rows(stored, found[0])
        except FileError as error:
            found = [msgspec.structs.replace(whole, problem=str(error))]
        return msgspec.to_builtins(found)

    def score(self, stored: ListedObject, of: Any) -> Any:
        """Scores a range of an object, or the whole, and writes the result; returns what it holds."""
        part = msgspec.convert(of, Range) if of else Range(start=0, end=stored.size)
        counts = CallCounts(version=self._predictor.version, problem=part.problem)
        if is_scored(stored.key, self._run.prefix) and not part.problem:
            try:
                self._check(stored)
                counts = self._write_result(stored, part, self._score(stored, part))
            except FileError as error:
                if part.part > 1:
                    # Sentences of all parts could be more than a state holds.
                    raise
                # The other objects are scored, and the end of the run says why this one is not.
                counts = msgspec.structs.replace(counts, problem=str(error))
        return msgspec.to_builtins(counts)

    def _check(self, stored: ListedObject) -> None:
        """Raises FileError unless the run can go on, and S3 takes the names of the results, of parts too."""
        if self._obstacle:
            raise FileError(self._obstacle)
        check_result_keys(stored.key, prefix=self._run.prefix, output=self._run.output)

    def _write_result(self, stored: ListedObject, part: Range, found: PartResult) -> CallCounts:
        result, errors = result_keys(
            stored.key, prefix=self._run.prefix, output=self._run.output, part=part.part
        )
        self._write(result, found.body, _MEDIA_TYPES[format_of(stored.key).name])
        if found.refused:
            self._write(errors, found.errors, _MEDIA_TYPES[CSV])
        return CallCounts(
            version=self._predictor.version,
            rows=found.rows,
            refused=found.refused,
            objects=int(part.part <= 1),
            results=1,
        )

    def finish(self, manifest: str) -> Any:
        """Adds up the parts, and writes _SUCCESS; returns the summary."""
        files = self._read_whole(manifest)
        parts = [part for key in result_files(files, "SUCCEEDED") for part in parts_of(self._read_whole(key))]
        failures = [
            failure for key in result_files(files, "FAILED") for failure in failures_of(self._read_whole(key))
        ]
        summary = summarize(
            parts,
            failures,
            prefix=self._run.prefix,
            model=self._predictor.name,
            output=self._run.url(self._run.output),
        )
        self._write(f"{self._run.output}{SUCCESS}", msgspec.json.encode(summary), "application/json")
        return msgspec.to_builtins(summary)

    def _score(self, stored: ListedObject, part: Range) -> PartResult:
        check_packed_size(stored.key, stored.size)
        content = self._read(stored, part.start, part.end)
        if format_of(stored.key).is_packed:
            content = unpack(stored.key, content)
        if not content:
            return PartResult(b"", b"", 0, 0)
        rows, begin = self._rows(stored, part, content)
        return score_part(self._predictor, rows, content[begin:], file=stored.url, first=part.first)

    def _rows(self, stored: ListedObject, part: Range, content: bytes = b"") -> tuple[FileRows[Any], int]:
        """Returns the rows of a part, and how many of its bytes are the header of a CSV."""
        fields = self._predictor.fields
        if format_of(stored.key).name != CSV:
            return JsonRows(stored.key, fields, self._predictor), 0
        if part.header_bytes:
            content = self._read(stored, 0, part.header_bytes)
        header, begin = read_header(stored.key, content)
        rows = CsvRows(stored.key, header, fields, self._predictor)
        return rows, 0 if part.header_bytes else begin

    def _read(self, stored: ListedObject, start: int, end: int) -> bytes:
        if start == end:
            return b""
        try:
            return self._s3.read_range(stored.url, start=start, end=end, etag=stored.etag, seconds=_SECONDS)
        except S3RefusalError as error:
            raise FileError(f"{stored.key} cannot be read: {error}.") from error

    def _read_whole(self, key: str) -> bytes:
        found = self._s3.read(self._run.url(key), seconds=_SECONDS)
        return found.body if found else b""

    def _write(self, key: str, body: bytes, media_type: str) -> None:
        try:
            self._s3.write(self._run.url(key), body, media_type=media_type, seconds=_SECONDS)
        except S3RefusalError as error:
            raise FileError(f"The result {self._run.url(key)} cannot be written: {error}.") from error
