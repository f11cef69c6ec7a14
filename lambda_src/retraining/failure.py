"""Reason of a failure, from what the states of a run have found."""

import json
from collections.abc import Mapping
from typing import Any

# By SecondaryStatus.
_STOPS = {
    "MaxRuntimeExceeded": "it ran for longer than the setting training_hours",
    "MaxWaitTimeExceeded": "no spot instance was free for long enough, so set training_spot to false",
}


def reason_of(found: Mapping[str, Any]) -> str:
    """Returns why a version failed in service, or the error of a state.

    Args:
        found: State of the execution: `verification`, `shift` and `error`, as far as there are any.
    """
    for name in ("verification", "shift"):
        if reason := (found.get(name) or {}).get("reason"):
            return str(reason)
    error = found.get("error") or {}
    return f"{error.get('Error', 'no error')}: {_message(str(error.get('Cause', '')))}"


def _message(cause: str) -> str:
    """Returns the message of a cause, which is JSON when a function or a job has failed."""
    try:
        decoded = json.loads(cause)
        return str(decoded.get("errorMessage") or decoded.get("FailureReason") or _stopped(decoded) or cause)
    except (ValueError, AttributeError):
        return cause


def _stopped(job: Mapping[str, Any]) -> str:
    """Returns why SageMaker has stopped a job, which then has no FailureReason; "" for anything else.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
    """
    if job.get("TrainingJobStatus") != "Stopped":
        return ""
    why = _STOPS.get(str(job.get("SecondaryStatus")), "somebody stopped it")
    return f"The job {job.get('TrainingJobName', '')} was stopped: {why}."
