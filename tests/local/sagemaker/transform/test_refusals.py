"""Requests for transform jobs that are refused, and jobs whose role lacks a permission."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.iam.roles import SAGEMAKER_ACTIONS, allow, make_role, make_user, trust
from tests.local.sagemaker.transform.conftest import Jobs, create_model


@pytest.mark.parametrize(
    ("invalid", "message"),
    [
        ({"TransformJobName": "under_score"}, "regular expression pattern"),
        ({"ModelName": "absent"}, 'Could not find model "arn:aws:sagemaker:.*model/absent"'),
        ({"MaxPayloadInMB": 101}, "'101' at 'maxPayloadInMB' failed to satisfy constraint"),
        ({"MaxPayloadInMB": 51, "MaxConcurrentTransforms": 2}, "cannot exceed 100 MB"),
        ({"BatchStrategy": "Many"}, r"enum value set: \[MultiRecord, SingleRecord\]"),
        ({"source": {"SplitType": "RecordIO"}}, "does not support SplitType RecordIO"),
        ({"source": {"SplitType": "Word"}}, r"enum value set: \[None, TFRecord, Line, RecordIO\]"),
        ({"source": {"CompressionType": "Zip"}}, r"enum value set: \[None, Gzip\]"),
        ({"output": {"AssembleWith": "Comma"}}, r"enum value set: \[None, Line\]"),
        ({"DataProcessing": {"InputFilter": "$..a"}}, "dataProcessing.inputFilter"),
        ({"Environment": {"1A": "b"}}, "Map keys must satisfy"),
        ({"DataCaptureConfig": {"DestinationS3Uri": "s3://a/b"}}, "does not support DataCaptureConfig"),
    ],
)
def test_an_invalid_request_is_refused(jobs: Jobs, invalid: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        jobs.start(**invalid)


def test_a_second_job_of_the_same_name_is_refused(jobs: Jobs) -> None:
    job = jobs.start(prefix="nothing/")

    with pytest.raises(ClientError, match="Cannot create already existing transform job"):
        jobs.start(TransformJobName=job)


def test_a_model_of_several_models_is_refused(aws: LocalAws, jobs: Jobs, bucket: str) -> None:
    create_model(aws, f"{jobs.model}-2", f"s3://{bucket}/models/", Mode="MultiModel")

    with pytest.raises(ClientError, match="does not support a model with a container of Mode MultiModel"):
        jobs.start(ModelName=f"{jobs.model}-2")


def test_a_job_needs_the_permission_of_its_caller(jobs: Jobs, aws: LocalAws) -> None:
    user = make_user(
        aws, allow("sagemaker:Create*", resource="arn:aws:sagemaker:*:*:transform-job/allowed-*")
    )
    request = jobs.request(prefix="nothing/")

    with pytest.raises(
        ClientError, match="not authorized to perform: sagemaker:CreateTransformJob on resource"
    ):
        user.client("sagemaker").create_transform_job(**request)
    user.client("sagemaker").create_transform_job(**{**request, "TransformJobName": f"allowed-{jobs.model}"})


@pytest.mark.parametrize(
    ("refused", "failure"),
    [
        ("s3:PutObject", "See job logs"),
        ("s3:ListBucket", "s3:ListBucket"),
        ("ecr:BatchGetImage", "BatchGetImage"),
    ],
)
def test_a_job_acts_with_the_role_of_its_model(
    aws: LocalAws, jobs: Jobs, upload: Callable[..., str], refused: str, failure: str
) -> None:
    actions = [action for action in SAGEMAKER_ACTIONS if action != refused]
    role = make_role(aws, trust("sagemaker"), allow(*actions))
    create_model(aws, f"{jobs.model}-2", upload("m.tar.gz"), role=role)
    jobs.put("in/a.csv", b"1\n")

    described = jobs.run(ModelName=f"{jobs.model}-2")

    assert described["TransformJobStatus"] == "Failed"
    assert failure in described["FailureReason"]
    assert jobs.keys("out/") == []
