"""Data processing of a transform job: filters of input and output, and the join of both.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

from local.sagemaker.errors import SageMakerError, invalid
from local.sagemaker.transform.records.json_path import JsonPath, JsonPathError

_CSV = "text/csv"
_JSON = ("application/json", "application/jsonlines")
_INPUT, _OUTPUT = "SageMakerInput", "SageMakerOutput"


class DataProcessingError(Exception):
    """A record cannot be read, filtered or joined; the message is a line of the job's log."""


class DataProcessing:
    """Filters and join.

    Args:
        input_filter: What of a record is sent to the container.
        output_filter: What of the joined record is in the output.
        joins: Whether the output is joined with the input.
        types: Media type of the input and of the output.
    """

    def __init__(
        self, *, input_filter: JsonPath, output_filter: JsonPath, joins: bool, types: tuple[str, str]
    ) -> None:
        self._input_filter = input_filter
        self._output_filter = output_filter
        self._joins = joins
        self._types = types

    @classmethod
    def read(cls, request: Mapping[str, Any]) -> Self:
        """Reads the data processing of a CreateTransformJob request.

        Raises:
            SageMakerError: A filter is no supported expression, or the media types are not supported.
        """
        wanted = request.get("DataProcessing") or {}
        types = (
            _media_type(request["TransformInput"].get("ContentType", "")),
            _media_type(request["TransformOutput"].get("Accept", "")),
        )
        join = wanted.get("JoinSource", "None")
        if join not in ("None", "Input"):
            raise _refused("joinSource", join, "Member must satisfy enum value set: [Input, None]")
        found = cls(
            input_filter=_path(wanted, "InputFilter"),
            output_filter=_path(wanted, "OutputFilter"),
            joins=join == "Input",
            types=types,
        )
        found._check_types()
        return found

    @property
    def changes_input(self) -> bool:
        """Whether the InputFilter changes the records before SageMaker sends them to the container."""
        return not self._input_filter.is_root

    @property
    def changes_output(self) -> bool:
        """Whether a filter or join changes the responses before they are written."""
        return self._joins or not self._output_filter.is_root

    def filter_input(self, record: bytes) -> bytes:
        """Returns what the container gets of a record.

        Raises:
            DataProcessingError: The record cannot be read or filtered.
        """
        kind = self._types[0]
        return _encode(_select(self._input_filter, _decode(record, kind)), kind)

    def assemble(self, records: Sequence[bytes], response: bytes, *, whole: bool) -> bytes:
        """Returns the output for records and the response to them.

        Args:
            records: The records, unfiltered.
            response: The response of the container.
            whole: Whether record and response are one JSON document each, which may have several lines.

        Raises:
            DataProcessingError: A record cannot be read, filtered or joined.
        """
        outputs = [response] if whole else lines_of(response)
        if self._joins and len(outputs) != len(records):
            raise DataProcessingError(
                "Fail to join data: mismatched line count between the input and the output"
            )
        kind = self._types[1]
        found = [_decode(output, kind) for output in outputs]
        if self._joins:
            sources = [_decode(record, self._types[0]) for record in records]
            join = _appended if kind == _CSV else _nested
            found = [join(source, output) for source, output in zip(sources, found, strict=True)]
        return b"".join(_encode(_select(self._output_filter, record), kind) + b"\n" for record in found)

    def _check_types(self) -> None:
        wanted = ([self._types[0]] if self.changes_input or self._joins else []) + (
            [self._types[1]] if self.changes_output else []
        )
        for media_type in wanted:
            if media_type not in (_CSV, *_JSON):
                raise invalid(
                    f"DataProcessing needs ContentType and Accept to be {_CSV}, {' or '.join(_JSON)}, and "
                    f"one of them is '{media_type}'."
                )
        if self._joins and (self._types[0] == _CSV) != (self._types[1] == _CSV):
            raise invalid(
                f"JoinSource Input needs ContentType and Accept to be both {_CSV}, or both JSON; they are "
                f"'{self._types[0]}' and '{self._types[1]}'."
            )


def lines_of(body: bytes) -> list[bytes]:
    """Returns the lines of a body, without line ends."""
    lines = body.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()


def _path(wanted: Mapping[str, str], name: str) -> JsonPath:
    try:
        return JsonPath(wanted.get(name) or "$")
    except JsonPathError as error:
        raise _refused(f"{name[0].lower()}{name[1:]}", wanted[name], f"{error}") from None


def _refused(name: str, value: str, constraint: str) -> SageMakerError:
    return invalid(
        f"1 validation error detected: Value '{value}' at 'dataProcessing.{name}' failed to satisfy "
        f"constraint: {constraint}"
    )


def _select(path: JsonPath, record: Any) -> Any:
    try:
        return path.select(record)
    except JsonPathError as error:
        raise DataProcessingError(f"Failed to filter data: {error}") from None


def _decode(record: bytes, kind: str) -> Any:
    try:
        text = record.decode()
        if kind != _CSV:
            return json.loads(text)
        rows = [*csv.reader([text.rstrip("\r")], strict=True)]
        return rows[0] if rows else []
    except (ValueError, csv.Error) as error:
        name = "CSV" if kind == _CSV else "JSON"
        raise DataProcessingError(f"Failed to parse data as {name}: {error}") from None


def _encode(record: Any, kind: str) -> bytes:
    if kind != _CSV:
        return json.dumps(record, ensure_ascii=False).encode()
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(record if isinstance(record, list) else [record])
    return text.getvalue().encode()


def _appended(source: list[str], output: list[str]) -> list[str]:
    return [*source, *output]


def _nested(source: Any, output: Any) -> Any:
    if isinstance(source, dict):
        return {**source, _OUTPUT: output}
    return {_INPUT: source, _OUTPUT: output}
