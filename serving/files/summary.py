"""Summary of a run: what its parts counted, and the mark _SUCCESS that the result is complete."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bundle.scored_file_formats import FileError

SUCCESS = "_SUCCESS"


class CallCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What one part of an object holds, as its call returns it.

    Attributes:
        object: Key of the object.
        model: Name of the model.
        version: Version of the model.
        rows: Number of rows.
        predicted: Number of those with an answer.
        refused: Number of those without one.
        result: Key of the result; empty for an object that holds no rows.
        errors: Key of the list of refused rows; empty without any.
    """

    object: str
    model: str
    version: str
    rows: int = 0
    predicted: int = 0
    refused: int = 0
    result: str = ""
    errors: str = ""


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has done.

    Attributes:
        model: Name of the model.
        version: Version of the model.
        objects: Number of objects with rows.
        results: Number of objects with results.
        rows: Number of rows.
        predicted: Number of those with an answer.
        refused: Number of those without one.
        output: S3 URI of the results.
    """

    model: str
    version: str
    objects: int
    results: int
    rows: int
    predicted: int
    refused: int
    output: str


def summarize(parts: Sequence[CallCounts], *, model: str, version: str, output: str) -> RunSummary:
    """Adds up the parts of a run.

    Raises:
        FileError: When they were predicted with several versions of the model.
    """
    versions = {part.version for part in parts} | {version}
    if len(versions) > 1:
        raise FileError(
            f"The model has changed during the run ({', '.join(sorted(versions))}), so its results are of "
            "several versions: start the run again."
        )
    scored = [part for part in parts if part.result]
    return RunSummary(
        model=model,
        version=version,
        objects=len({part.object for part in scored}),
        results=len(scored),
        rows=sum(part.rows for part in scored),
        predicted=sum(part.predicted for part in scored),
        refused=sum(part.refused for part in scored),
        output=output,
    )


def parts_of(lines: bytes) -> list[CallCounts]:
    """Reads the results of calls: one JSON object on each line."""
    return [msgspec.json.decode(line, type=CallCounts) for line in lines.splitlines() if line.strip()]


def result_files(manifest: bytes) -> list[str]:
    """Returns the keys of the results of calls in the manifest that Step Functions has written.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
    """
    found: dict[str, Any] = msgspec.json.decode(manifest)
    return [file["Key"] for file in found["ResultFiles"]["SUCCEEDED"]]
