"""Distributed Map: the permission to start child executions, and the objects with their results.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError
from ministack.services import stepfunctions

from local.emulator.state_machines.role_authorization import current_role, require
from local.emulator.state_machines.stops_and_timeouts import InterruptedTaskError, current_interruption

_START = "states:StartExecution"
_OUTPUT_FIELDS = ("ResultSelector", "ResultPath", "OutputPath", "ResultWriter")
# Members of an exported result that is not transformed.
_EXPORTED = (
    *("executionArn", "input", "inputDetails", "name", "output", "outputDetails"),
    *("startDate", "stateMachineArn", "status", "stopDate", "error", "cause"),
)


def install() -> None:
    """Wraps MiniStack's Distributed Map, which writes no results."""
    stepfunctions._run_distributed_map = _with_results(stepfunctions._run_distributed_map)


def _with_results(run: Callable[..., Any]) -> Callable[..., Any]:
    def run_and_write(
        state: Mapping[str, Any], raw: Any, effective: Any, iterator: Any, execution: Any, context: Any
    ) -> Any:
        # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        require(_START, execution["stateMachineArn"], error="States.Permissions")
        writer = state.get("ResultWriter") or {}
        if "Resource" not in writer:
            result = run(state, raw, effective, iterator, execution, context)
            _end_if_interrupted(_last_run(execution["executionArn"]))
            return result
        place = stepfunctions._resolve_params_obj(writer["Parameters"], effective, context)
        bare = {name: value for name, value in state.items() if name not in _OUTPUT_FIELDS}
        try:
            run(bare, raw, effective, iterator, execution, context)
        finally:
            map_run = _last_run(execution["executionArn"])
            _end_if_interrupted(map_run)
            key = _write(map_run, place, writer.get("WriterConfig") or {}) if map_run else ""
        details = {
            "MapRunArn": map_run["mapRunArn"],
            "ResultWriterDetails": {"Bucket": place["Bucket"], "Key": key},
        }
        result = stepfunctions._apply_result_selector(state, details)
        output = stepfunctions._apply_result_path(state, raw, result)
        return (
            stepfunctions._apply_output_path(state, output, context),
            stepfunctions._next_or_end(state),
        )

    return run_and_write


def _end_if_interrupted(map_run: Any) -> None:
    """Ends a Map Run with its execution: children that have not ended are aborted.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html
    """
    if map_run is None or not current_interruption().is_set():
        return
    for child in _children(map_run):
        if child["status"] == "RUNNING":
            child.update(status="ABORTED", stopDate=stepfunctions.now_iso())
    for counts in (map_run["itemCounts"], map_run["executionCounts"]):
        counts["aborted"] += counts["running"]
        counts["running"] = 0
    map_run.update(status="ABORTED", stopDate=stepfunctions.now_iso())
    raise InterruptedTaskError


def _children(map_run: Mapping[str, Any]) -> list[dict[str, Any]]:
    arn = map_run["mapRunArn"]
    return [child for child in stepfunctions._executions.values() if child.get("mapRunArn") == arn]


def _last_run(execution_arn: str) -> Any:
    """Returns the Map Run that an execution started last; None without any."""
    found = None
    for run in stepfunctions._map_runs.values():
        if run["executionArn"] == execution_arn:
            found = run
    return found


def _write(map_run: Mapping[str, Any], place: Mapping[str, str], config: Mapping[str, str]) -> str:
    """Writes the results by their status, and the manifest of these objects; returns the manifest's key."""
    folder = "/".join(filter(None, (place.get("Prefix", ""), map_run["mapRunArn"].rpartition(":")[2])))
    children = _children(map_run)
    files: dict[str, list[dict[str, Any]]] = {}
    suffix = "jsonl" if config.get("OutputType") == "JSONL" else "json"
    for status in ("FAILED", "PENDING", "SUCCEEDED"):
        results = [one for child in children if child["status"] == status for one in _results(child, config)]
        files[status] = []
        if results:
            key = f"{folder}/{status}_0.{suffix}"
            files[status].append({"Key": key, "Size": _put(place["Bucket"], key, _encoded(results, suffix))})
    manifest = {
        "DestinationBucket": place["Bucket"],
        "MapRunArn": map_run["mapRunArn"],
        "ResultFiles": files,
    }
    key = f"{folder}/manifest.json"
    _put(place["Bucket"], key, json.dumps(manifest))
    return key


def _results(child: Mapping[str, Any], config: Mapping[str, str]) -> Iterator[Any]:
    """Yields the results of a child execution, transformed as the writer says; a failed one is exported."""
    if config.get("Transformation", "NONE") == "NONE" or child["status"] != "SUCCEEDED":
        yield {name[0].upper() + name[1:]: child[name] for name in _EXPORTED if child.get(name)}
        return
    output = json.loads(child["output"])
    if config["Transformation"] == "FLATTEN" and isinstance(output, list):
        yield from output
    else:
        yield output


def _encoded(results: list[Any], suffix: str) -> str:
    if suffix == "jsonl":
        return "".join(f"{json.dumps(one)}\n" for one in results)
    return json.dumps(results)


def _put(bucket: str, key: str, text: str) -> int:
    body = text.encode()
    try:
        current_role().client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    except ClientError as error:
        raise stepfunctions._ExecutionError("States.ResultWriterFailed", str(error)) from error
    return len(body)
