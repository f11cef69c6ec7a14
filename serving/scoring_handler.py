"""Lambda function that scores whole files of S3: `python -m awslambdaric serving.scoring_handler.handler`.

A state machine of Step Functions calls it. Environment, in addition to that of `served_model.start`:
    OUTPUT_BUCKET: Bucket of the results.
"""

import os
from collections.abc import Mapping
from typing import Any

from serving.lambda_function.run_model import RunModels, replaced_model
from serving.lambda_function.s3 import S3Client
from serving.lambda_function.scored_object import ListedObject, ObjectScorer, Run
from serving.lambda_function.served_model import start

# Loaded during import, so that Lambda starts no function without a model and logs the reason.
_S3 = S3Client(os.environ)
_MODELS = RunModels(os.environ, _S3, served=start(os.environ))


def handler(event: Mapping[str, Any], context: object) -> Any:  # noqa: ARG001  # Lambda passes two arguments
    """Does one step of a run.

    Args:
        event: `step` is begin, split, score or finish; `model` or `version` is that of the run, as
            `RunModels` and `replaced_model` read them. The others are the members of `ListedObject` and
            `Run`, for score also the `range` if it is not the whole object, for finish the `manifest` of
            the parts and no object, and for begin the `output` alone.
        context: Lambda's context of the invocation.

    Returns:
        The version of the model, the ranges of an object, the content of a part, or the summary of the run,
        as JSON.

    Raises:
        FileError: When an object cannot be scored, or the model of the run cannot be read.
        S3Error: When S3 refuses or is too slow.
    """
    # Read once, so that one version gives the whole result.
    predictor = _MODELS.predictor(event)
    run = Run.of(event, bucket=os.environ["OUTPUT_BUCKET"])
    scorer = ObjectScorer(predictor, _S3, run, obstacle=replaced_model(predictor, event))
    if event["step"] == "begin":
        return scorer.begin()
    if event["step"] == "finish":
        return scorer.finish(event["manifest"])
    stored = ListedObject.of(event)
    if event["step"] == "split":
        return scorer.split(stored, range_bytes=int(event["range_bytes"]))
    return scorer.score(stored, event.get("range"))
