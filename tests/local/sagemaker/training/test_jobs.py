"""Training jobs on this machine, as boto3 sees them: what they are told, and how they end by themselves."""

from typing import Any

import pytest

from local.aws import LocalAws
from tests.local.sagemaker.training.conftest import ROLE, Start, channel, ended, lines, seen


def test_a_job_that_ends_well_is_completed_with_its_model_and_its_metrics(
    aws: LocalAws, sagemaker: Any, start: Start, bucket: str
) -> None:
    job = start()

    described = ended(sagemaker, job)

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
    assert described["RoleArn"] == ROLE
    kept = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"made/{job}/")["Contents"]
    assert [found["Key"].rpartition("/")[2] for found in kept] == ["model.tar.gz", "output.tar.gz"]


def test_a_job_writes_into_the_log_group_of_training_jobs(
    aws: LocalAws, sagemaker: Any, start: Start
) -> None:
    job = start()
    ended(sagemaker, job)

    ((stream, written),) = lines(aws, job).items()

    assert stream.startswith(f"{job}/algo-1-")
    assert written == ["begun", "score=0.5;", "score=0.75;"]


def test_a_program_finds_the_files_of_its_channels_and_its_environment(
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

    told = seen(aws, ended(sagemaker, job))
    assert told["files"] == {
        "folder/a.csv": "rows/a.csv",
        "folder/2018/b.csv": "rows/2018/b.csv",
        "file/a.csv": "rows/a.csv",
    }
    assert {name: told["channels"][name]["TrainingInputMode"] for name in told["channels"]} == {
        "folder": "File",
        "file": "File",
    }
    assert told["hosts"] == {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"}
    assert told["environment"]["COLOUR"] == "blue"
    assert not [name for name in told["environment"] if name.startswith("AWS_")]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("The rows are wrong.", "AlgorithmError: The rows are wrong., exit code: 3"),
        (
            "",
            "AlgorithmError: Please use an API compliant container that writes a failure file, exit code: 3",
        ),
    ],
)
def test_a_job_that_fails_says_what_its_program_said(
    sagemaker: Any, start: Start, said: str, reason: str
) -> None:
    described = ended(sagemaker, start(hyperparameters={"fail": said}))

    assert (described["TrainingJobStatus"], described["FailureReason"]) == ("Failed", reason)
    assert described["ModelArtifacts"] == {"S3ModelArtifacts": ""}


def test_a_channel_without_a_file_fails_the_job(sagemaker: Any, start: Start, bucket: str) -> None:
    described = ended(sagemaker, start(InputDataConfig=[channel("rows", f"s3://{bucket}/nothing/")]))

    assert described["TrainingJobStatus"] == "Failed"
    assert described["FailureReason"] == (
        f"ClientError: No S3 objects found under S3 URL 's3://{bucket}/nothing/' given in input data source."
    )
