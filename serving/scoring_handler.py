"""Lambda function that scores whole files of S3: `python -m awslambdaric serving.scoring_handler.handler`.

A state machine of Step Functions calls it. Environment, in addition to that of `served_model.start`:
    OUTPUT_BUCKET: Bucket of the results.
"""

import os
from collections.abc import Mapping
from typing import Any

from serving.lambda_function.s3 import S3Client
from serving.lambda_function.scored_object import ListedObject, ObjectScorer, Run
from serving.lambda_function.served_model import start

# Loaded during import, so that Lambda starts no function without a model and logs the reason.
_CURRENT = start(os.environ)
_S3 = S3Client(os.environ)


def handler(event: Mapping[str, Any], context: object) -> Any:  # noqa: ARG001  # Lambda passes two arguments
    """Does one step of a run.

    Args:
        event: `step` is split, score or finish; the others are the members of `ListedObject` and `Run`, for
            score also the `range` if it is not the whole object, and for finish the `manifest` of the parts.
        context: Lambda's context of the invocation.

    Returns:
        The ranges of an object, the content of a part, or the summary of the run, as JSON.

    Raises:
        FileError: When an object cannot be scored.
        S3Error: When S3 refuses or is too slow.
    """
    # Read once, so that one version gives the whole result.
    scorer = ObjectScorer(_CURRENT(), _S3, Run.of(event, bucket=os.environ["OUTPUT_BUCKET"]))
    if event["step"] == "finish":
        return scorer.finish(event["manifest"])
    stored = ListedObject.of(event)
    if event["step"] == "split":
        return scorer.split(stored, range_bytes=int(event["range_bytes"]))
    return scorer.score(stored, event.get("range"))
