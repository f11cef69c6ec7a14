"""Log of an endpoint in CloudWatch Logs, written with the role of its model."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from local.local_aws import LocalAws
from tests.local.conftest import make_config
from tests.local.iam.roles import SAGEMAKER_ACTIONS, allow, make_role, trust
from tests.local.polling import PATIENT_WAITER

Upload = Callable[..., str]


def fail(sagemaker: Any, name: str) -> None:
    """Creates an endpoint whose process writes a line and ends; deletes it."""
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    waiter = sagemaker.get_waiter("endpoint_in_service")
    with pytest.raises(WaiterError):
        waiter.wait(EndpointName=name, WaiterConfig=PATIENT_WAITER)
    sagemaker.delete_endpoint(EndpointName=name)


def test_the_lines_of_the_process_are_in_the_log_of_the_endpoint(
    sagemaker: Any, aws: LocalAws, bucket: str, upload: Upload
) -> None:
    make_config(sagemaker, bucket, upload("model.tar.gz", fails_while="/"))

    fail(sagemaker, bucket)

    logs = aws.client("logs")
    group = f"/aws/sagemaker/Endpoints/{bucket}"
    [stream] = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert stream["logStreamName"].startswith("primary/i-")
    messages = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert "the stub cannot load its model" in messages


@pytest.mark.parametrize("missing", ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"])
def test_without_a_permission_of_the_role_the_lines_are_lost(
    sagemaker: Any, aws: LocalAws, bucket: str, upload: Upload, missing: str
) -> None:
    actions = [action for action in SAGEMAKER_ACTIONS if action != missing]
    role = make_role(aws, trust("sagemaker"), allow(*actions))
    make_config(sagemaker, bucket, upload("model.tar.gz", fails_while="/"), role=role)

    fail(sagemaker, bucket)

    events = aws.client("logs").filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{bucket}")["events"]
    assert events == []
    assert f"perform: {missing} on resource" in aws.log.read_text()
