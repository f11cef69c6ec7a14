"""Summary of a run: the counts of its parts, and the mark _SUCCESS that the result is complete."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bundle.scored_file_formats import FileError

SUCCESS = "_SUCCESS"
# Problems that a message quotes.
_LISTED = 3


class CallCounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Content of one part of an object, as its call returns it.

    It has no keys, because all parts of an object pass through one state of Step Functions, which holds
    256 KB: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html

    Attributes:
        version: Version of the model.
        rows: Number of rows.
        refused: Number of those without an answer.
        objects: 1 for the first part of an object with rows, else 0, so that the sum counts objects.
        results: 1 when a result is written, else 0.
        problem: Why the object cannot be scored; empty when it can.
    """

    version: str
    rows: int = 0
    refused: int = 0
    objects: int = 0
    results: int = 0
    problem: str = ""


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a run.

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


class _FailedExecution(msgspec.Struct, frozen=True, rename="pascal"):
    input: str
    error: str = ""
    cause: str = ""


class _FailedInput(msgspec.Struct, frozen=True):
    key: str


class _Raised(msgspec.Struct, frozen=True):
    message: str = msgspec.field(name="errorMessage")


def summarize(
    parts: Sequence[CallCounts],
    failures: Sequence[str],
    *,
    prefix: str,
    model: str,
    output: str,
) -> RunSummary:
    """Adds up the parts of a run.

    Args:
        parts: Results of the calls.
        failures: Why the others have failed.
        prefix: Prefix of the objects' keys.
        model: Name of the model.
        output: S3 URI of the results.

    Raises:
        FileError: When an object could not be scored, there is none, or they were predicted with several
            versions.
    """
    scored = sum(part.objects for part in parts)
    if problems := [*(part.problem for part in parts if part.problem), *failures]:
        raise FileError(_failure(problems, scored))
    if not scored:
        raise FileError(
            f"There is no file to score at {prefix}: it has been removed, or its name or folder begins with "
            "_ or a dot, as those of marks do."
        )
    # A release after the last result changes none of them.
    versions = sorted({part.version for part in parts if part.results})
    if len(versions) > 1:
        raise FileError(
            f"The model has changed during the run ({', '.join(versions)}), so its results are of "
            "several versions: start the run again."
        )
    rows, refused = sum(part.rows for part in parts), sum(part.refused for part in parts)
    return RunSummary(
        model=model,
        version=versions[0],
        objects=scored,
        results=sum(part.results for part in parts),
        rows=rows,
        predicted=rows - refused,
        refused=refused,
        output=output,
    )


def _failure(problems: Sequence[str], scored: int) -> str:
    listed = " ".join(problems[:_LISTED])
    others = len(problems) - _LISTED
    more = f" And {others:,} more." if others > 0 else ""
    return f"{listed}{more} The run has results of the other objects, {scored:,}, and no {SUCCESS}."


def parts_of(lines: bytes) -> list[CallCounts]:
    """Reads the results of calls: one JSON object on each line."""
    return [msgspec.json.decode(line, type=CallCounts) for line in lines.splitlines() if line.strip()]


def failures_of(lines: bytes) -> list[str]:
    """Returns why the executions for objects have failed; each line is one, as Step Functions has it."""
    failed = [msgspec.json.decode(line, type=_FailedExecution) for line in lines.splitlines() if line.strip()]
    return [_reason(one) for one in failed]


def _reason(failed: _FailedExecution) -> str:
    key = msgspec.json.decode(failed.input, type=_FailedInput).key
    try:
        reason = msgspec.json.decode(failed.cause, type=_Raised).message
    except msgspec.DecodeError:
        reason = f"{failed.error} {failed.cause}".strip()
    return reason if key in reason else f"{key} could not be scored: {reason.rstrip('.')}."


def result_files(manifest: bytes, status: str) -> list[str]:
    """Returns the keys of the results of executions with a status in the manifest of Step Functions.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
    """
    found: dict[str, Any] = msgspec.json.decode(manifest)
    return [file["Key"] for file in found["ResultFiles"].get(status, ())]
