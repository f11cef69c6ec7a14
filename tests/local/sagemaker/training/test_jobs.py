"""Training jobs on this machine through boto3: their inputs, logs, results and failure reasons."""

import json
from typing import Any

import pytest

from local.local_aws import LocalAws
from tests.local.iam.roles import JOB_ROLE, SAGEMAKER_ACTIONS, allow, make_role, trust
from tests.local.polling import until
from tests.local.sagemaker.training.conftest import (
    Start,
    channel,
    log_lines_by_stream,
    program_report,
    wait_until_ended,
)


def test_a_successful_job_is_completed_with_its_model_and_metrics(
    aws: LocalAws, sagemaker: Any, start: Start, bucket: str
) -> None:
    job = start()

    described = wait_until_ended(sagemaker, job)

    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == ("Completed", "Completed")
    assert [change["Status"] for change in described["SecondaryStatusTransitions"]] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    assert described["ModelArtifacts"] == {
        "S3ModelArtifacts": f"s3://{bucket}/made/{job}/output/model.tar.gz"
    }
    (metric,) = described["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("score", 0.75)
    assert "FailureReason" not in described
    assert described["RoleArn"] == JOB_ROLE
    listed = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"made/{job}/")["Contents"]
    assert [found["Key"].rpartition("/")[2] for found in listed] == ["model.tar.gz", "output.tar.gz"]


def test_a_job_logs_to_the_log_group_of_training_jobs(aws: LocalAws, sagemaker: Any, start: Start) -> None:
    job = start()
    wait_until_ended(sagemaker, job)

    ((stream, written),) = log_lines_by_stream(aws, job).items()

    assert stream.startswith(f"{job}/algo-1-")
    assert written == ["begun", "score=0.5;", "score=0.75;"]


def test_a_program_gets_the_files_of_its_channels_and_its_environment(
    aws: LocalAws, sagemaker: Any, start: Start, bucket: str
) -> None:
    s3 = aws.client("s3")
    for key in ("rows/a.csv", "rows/2018/b.csv", "rowsandmore/c.csv"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())

    job = start(
        InputDataConfig=[
            channel("folder", f"s3://{bucket}/rows/"),
            channel("file", f"s3://{bucket}/rows/a.csv"),
        ],
        Environment={"COLOUR": "blue"},
    )

    report = program_report(aws, wait_until_ended(sagemaker, job))
    assert report["files"] == {
        "folder/a.csv": "rows/a.csv",
        "folder/2018/b.csv": "rows/2018/b.csv",
        "file/a.csv": "rows/a.csv",
    }
    assert {name: report["channels"][name]["TrainingInputMode"] for name in report["channels"]} == {
        "folder": "File",
        "file": "File",
    }
    assert report["hosts"] == {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"}
    assert report["environment"]["COLOUR"] == "blue"
    assert not [name for name in report["environment"] if name.startswith("AWS_")]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("The rows are wrong.", "AlgorithmError: The rows are wrong., exit code: 3"),
        (
            "",
            "AlgorithmError: Please use an API compliant container that writes a failure file, exit code: 3",
        ),
    ],
)
def test_a_failed_job_has_the_failure_file_of_its_program_as_reason(
    sagemaker: Any, start: Start, failure: str, reason: str
) -> None:
    described = wait_until_ended(sagemaker, start(hyperparameters={"fail": failure}))

    assert (described["TrainingJobStatus"], described["FailureReason"]) == ("Failed", reason)
    assert described["ModelArtifacts"] == {"S3ModelArtifacts": ""}


def test_a_channel_without_files_fails_the_job(sagemaker: Any, start: Start, bucket: str) -> None:
    described = wait_until_ended(
        sagemaker, start(InputDataConfig=[channel("rows", f"s3://{bucket}/nothing/")])
    )

    assert described["TrainingJobStatus"] == "Failed"
    assert described["FailureReason"] == (
        f"ClientError: No S3 objects found under S3 URL 's3://{bucket}/nothing/' given in input data source."
    )


def test_a_channel_has_the_objects_of_its_manifest(
    aws: LocalAws, sagemaker: Any, start: Start, bucket: str
) -> None:
    s3 = aws.client("s3")
    for key in ("rows/a.csv", "rows/2018/b.csv", "rows/c.csv"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    manifest = [{"prefix": f"s3://{bucket}/rows/"}, "a.csv", "2018/b.csv"]
    s3.put_object(Bucket=bucket, Key="manifest.json", Body=json.dumps(manifest).encode())
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{bucket}/manifest.json"}

    job = start(InputDataConfig=[{"ChannelName": "rows", "DataSource": {"S3DataSource": source}}])

    assert program_report(aws, wait_until_ended(sagemaker, job))["files"] == {
        "rows/a.csv": "rows/a.csv",
        "rows/2018/b.csv": "rows/2018/b.csv",
    }


def test_a_spot_job_has_the_time_that_it_is_billed_for(sagemaker: Any, start: Start) -> None:
    job = start(
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
    )

    described = wait_until_ended(sagemaker, job)

    assert described["BillableTimeInSeconds"] == described["TrainingTimeInSeconds"]
    assert described["TrainingStartTime"] <= described["TrainingEndTime"]


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("s3:ListBucket", "is not authorized to perform: s3:ListBucket on resource"),
        ("s3:GetObject", "Forbidden"),
        ("s3:PutObject", "is not authorized to perform: s3:PutObject on resource"),
        ("ecr:BatchGetImage", "does not have BatchGetImage permission for the image"),
    ],
)
def test_the_role_of_a_job_reads_its_channels_writes_its_model_and_pulls_its_image(
    aws: LocalAws, sagemaker: Any, start: Start, bucket: str, missing: str, reason: str
) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="rows/a.csv", Body=b"1")
    granted = [action for action in SAGEMAKER_ACTIONS if action != missing]
    role = make_role(aws, trust("sagemaker"), allow(*granted))

    job = start(RoleArn=role, InputDataConfig=[channel("rows", f"s3://{bucket}/rows/")])

    described = wait_until_ended(sagemaker, job)
    assert described["TrainingJobStatus"] == "Failed"
    assert reason in described["FailureReason"]


def test_the_log_of_a_role_that_may_not_write_it_is_lost(aws: LocalAws, sagemaker: Any, start: Start) -> None:
    granted = [action for action in SAGEMAKER_ACTIONS if not action.startswith("logs:")]

    job = start(RoleArn=make_role(aws, trust("sagemaker"), allow(*granted)))

    described = wait_until_ended(sagemaker, job)
    assert (described["TrainingJobStatus"], log_lines_by_stream(aws, job)) == ("Completed", {})
    assert described["FinalMetricDataList"]


def test_each_status_of_a_job_is_an_event(aws: LocalAws, start: Start, bucket: str) -> None:
    sqs, events = aws.client("sqs"), aws.client("events")
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Training Job State Change"],
        "detail": {"TrainingJobName": [bucket]},
    }
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bucket, Targets=[{"Id": "queue", "Arn": arn}])
    found: list[dict[str, Any]] = []

    start(TrainingJobName=bucket, Tags=[{"Key": "colour", "Value": "blue"}])

    def is_complete() -> bool:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        found.extend(json.loads(message["Body"]) for message in messages)
        return len(found) == 5

    until(is_complete)
    details = sorted((event["detail"] for event in found), key=lambda detail: detail["LastModifiedTime"])
    assert [detail["SecondaryStatus"] for detail in details] == [
        *("Starting", "Downloading", "Training", "Uploading", "Completed")
    ]
    last = details[-1]
    assert (last["TrainingJobStatus"], last["Tags"]) == ("Completed", {"colour": "blue"})
    assert last["CreationTime"] > 10**12
    assert found[0]["resources"] == [f"arn:aws:sagemaker:us-east-1:000000000000:training-job/{bucket}"]
    events.remove_targets(Rule=bucket, Ids=["queue"])
    events.delete_rule(Name=bucket)
