"""States of a run: a Distributed Map over the objects of a prefix, and the sum of its results."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Annotations, Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from bundle.scored_file_formats import FileError
from stacks.scoring.scoring_function import TIMEOUT

LABEL = "Objects"
# Calls at once: 50 at most, of the 1,000 that an account has in a region for all its functions.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
_OBJECTS_AT_ONCE = 10
_RANGES_AT_ONCE = 5
_RUN = ("bucket", "prefix", "output", "range_bytes")


class Workflow:
    """The states of a run; its input has the members bucket, prefix, output and range_bytes.

    An execution keeps the definition that it started with, so the bundle in it gives all results of a run,
    also when another one is released meanwhile. Of a bundle that the function reloads from an object there
    is no second one: then the first step reads its version, and no later step scores with another one. The
    first step also writes an object, so that a denied write ends a run before a row is scored.
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html

    Each object is a child execution. A large one is first read by one call, which finds ranges that end after
    a row and counts the rows before each; then several calls score the ranges.

    Args:
        scope: Construct of the states.
        function: Does each step.
        results: Bucket of the results.
        model: S3 URI of the bundle that serves; None for one that the function reloads.

    Attributes:
        start: The first state, with those that follow.
    """

    def __init__(
        self, scope: Construct, *, function: lambda_.IFunction, results: s3.IBucket, model: str | None
    ) -> None:
        self._scope = scope
        self._function = function
        self._model = model
        objects = sfn.DistributedMap(
            scope,
            LABEL,
            label=LABEL,
            item_reader=sfn.S3ObjectsItemReader(bucket_name_path=_at("bucket"), prefix=_at("prefix")),
            item_selector={
                **{name: _at(name) for name in _RUN},
                **({} if model else {"version": _at("begun.version")}),
                **{
                    name: sfn.JsonPath.string_at(f"$$.Map.Item.Value.{member}")
                    for name, member in (("key", "Key"), ("size", "Size"), ("etag", "Etag"))
                },
            },
            # An express child may take five minutes only, and a call fifteen.
            map_execution_type=sfn.StateMachineType.STANDARD,
            max_concurrency=_OBJECTS_AT_ONCE,
            # The last step fails the run when an object has failed, and knows the reasons; the Map does not.
            tolerated_failure_percentage=100,
            # The results of very many objects are more than the 256 KB that a state may pass on.
            # https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
            result_writer_v2=sfn.ResultWriterV2(
                bucket=results,
                prefix=sfn.JsonPath.format("{}_parts", _at("output")),
                writer_config=sfn.WriterConfig(
                    output_type=sfn.OutputType.JSONL, transformation=sfn.Transformation.FLATTEN
                ),
            ),
            result_path="$.parts",
        )
        objects.item_processor(
            self._of_object(), mode=sfn.ProcessorMode.DISTRIBUTED, execution_type=sfn.ProcessorType.STANDARD
        )
        Annotations.of(objects).acknowledge_warning(
            "@aws-cdk/aws-stepfunctions:propertyIgnored", "A distributed Map without it is refused."
        )
        finish = self._task(
            "Finish",
            {
                "step": "finish",
                "manifest": _at("parts.ResultWriterDetails.Key"),
                **{name: _at(name) for name in ("prefix", "output")},
                **({"model": model} if model else {}),
            },
        )
        begin = self._task(
            "Begin",
            {"step": "begin", "output": _at("output"), **({"model": model} if model else {})},
            result_path="$.begun",
        )
        failed = self._failed()
        for state in (begin, finish):
            state.add_catch(failed, errors=[FileError.__name__])
        self.start = begin.next(objects).next(finish)

    def _failed(self) -> sfn.Chain:
        """Returns the states after an error of files, whose cause is its sentence, without a stack trace."""
        reason = sfn.Pass(
            self._scope,
            "Reason",
            parameters={"raised": sfn.JsonPath.string_to_json(sfn.JsonPath.string_at("$.Cause"))},
        )
        return reason.next(
            sfn.Fail(self._scope, "Failed", error=FileError.__name__, cause_path="$.raised.errorMessage")
        )

    def _of_object(self) -> sfn.Chain:
        members = ("bucket", "key", "size", "etag", "prefix", "output")
        common = {name: _at(name) for name in members}
        common |= {"model": self._model} if self._model else {"version": _at("version")}
        whole = self._task("Score", {"step": "score", **common})
        split = self._task(
            "Split",
            {"step": "split", **common, "range_bytes": _at("range_bytes")},
            result_path="$.ranges",
        )
        ranges = sfn.Map(
            self._scope,
            "Ranges",
            items_path=_at("ranges"),
            item_selector={**common, "range": sfn.JsonPath.object_at("$$.Map.Item.Value")},
            max_concurrency=_RANGES_AT_ONCE,
        )
        ranges.item_processor(
            self._task("ScoreRange", {"step": "score", **common, "range": sfn.JsonPath.object_at("$.range")})
        )
        choice = sfn.Choice(self._scope, "Large")
        choice.when(
            sfn.Condition.number_greater_than_json_path("$.size", "$.range_bytes"), split.next(ranges)
        )
        return sfn.Chain.start(choice.otherwise(whole))

    def _task(
        self, name: str, payload: Mapping[str, Any], *, result_path: str | None = None
    ) -> tasks.LambdaInvoke:
        """Returns a state that calls the function."""
        # It retries errors of Lambda itself: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
        task = tasks.LambdaInvoke(
            self._scope,
            name,
            lambda_function=self._function,
            payload=sfn.TaskInput.from_object(payload),
            payload_response_only=True,
            result_path=result_path,
            task_timeout=sfn.Timeout.duration(TIMEOUT),
        )
        # Other functions of the account use its concurrency.
        task.add_retry(
            errors=["Lambda.TooManyRequestsException"],
            interval=Duration.seconds(5),
            max_delay=Duration.minutes(1),
            max_attempts=10,
            jitter_strategy=sfn.JitterType.FULL,
        )
        # S3 answers 503 while it makes room for more requests.
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
        task.add_retry(errors=["S3Error"], interval=Duration.seconds(5), max_attempts=2)
        return task


def _at(path: str) -> str:
    return str(sfn.JsonPath.string_at(f"$.{path}"))
