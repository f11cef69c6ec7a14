"""States of transform jobs on this machine: start, stop, the model of a job, the list of jobs, events."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.polling import until
from tests.local.sagemaker.transform.conftest import Jobs, create_model


def test_a_container_that_does_not_start_fails_the_job(
    aws: LocalAws, jobs: Jobs, upload: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "gate").touch()
    create_model(aws, f"{jobs.model}-2", upload("m.tar.gz", fails_while=str(tmp_path / "gate")))
    jobs.put("in/a.csv", b"1\n")

    described = jobs.run(ModelName=f"{jobs.model}-2")

    assert described["FailureReason"].startswith("AlgorithmError: The serving process ended with exit code 3")
    assert "TransformStartTime" not in described
    assert "the stub cannot load its model" in jobs.log(described["TransformJobName"], data=False)


def test_a_stopped_job_stores_no_output_of_the_object_at_hand(jobs: Jobs, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    jobs.put("in/a.csv", json.dumps({"gate": str(gate)}).encode())
    job = jobs.start()
    until(gate.with_suffix(".reached").exists)

    jobs.aws.client("sagemaker").stop_transform_job(TransformJobName=job)

    assert jobs.describe(job)["TransformJobStatus"] in ("Stopping", "Stopped")
    described = jobs.wait(job)
    assert described["TransformJobStatus"] == "Stopped"
    assert jobs.keys("out/") == []
    jobs.aws.client("sagemaker").stop_transform_job(TransformJobName=job)


def test_a_job_keeps_its_model_when_an_update_deletes_it(
    aws: LocalAws, jobs: Jobs, upload: Callable[..., str], tmp_path: Path
) -> None:
    # Given a job in progress, on one of two objects
    gate = tmp_path / "gate"
    gate.touch()
    create_model(aws, f"{jobs.model}-old", upload("old.tar.gz"), Environment={"COLOUR": "blue"})
    jobs.put("in/a.csv", json.dumps({"gate": str(gate)}).encode())
    jobs.put("in/b.csv", b"1\n")
    job = jobs.start(ModelName=f"{jobs.model}-old")
    until(gate.with_suffix(".reached").exists)

    # When its model is deleted, as by an update of the stack to another version
    aws.client("sagemaker").delete_model(ModelName=f"{jobs.model}-old")
    gate.unlink()

    # Then the job ends with both results of that model
    assert jobs.wait(job)["TransformJobStatus"] == "Completed"
    colours = [jobs.answers(f"out/{name}.csv.out")[0]["environment"]["COLOUR"] for name in "ab"]
    assert colours == ["blue", "blue"]


def test_an_ended_job_cannot_be_stopped(jobs: Jobs) -> None:
    jobs.put("in/a.csv", b"1\n")
    job = jobs.run()["TransformJobName"]

    with pytest.raises(ClientError, match="the transform job is in status Completed"):
        jobs.aws.client("sagemaker").stop_transform_job(TransformJobName=job)


def test_jobs_are_listed_newest_first(jobs: Jobs) -> None:
    jobs.put("in/a.csv", b"1\n")
    older, newer = jobs.run()["TransformJobName"], jobs.run(prefix="nothing/")["TransformJobName"]
    sagemaker = jobs.aws.client("sagemaker")

    listed = [job["TransformJobName"] for job in sagemaker.list_transform_jobs()["TransformJobSummaries"]]
    (failed,) = sagemaker.list_transform_jobs(StatusEquals="Failed", NameContains=newer)[
        "TransformJobSummaries"
    ]

    assert listed.index(newer) < listed.index(older)
    assert failed["FailureReason"].startswith("ClientError: No S3 objects")


def test_events_report_every_status(aws: LocalAws, jobs: Jobs, bucket: str) -> None:
    sqs, events = aws.client("sqs"), aws.client("events")
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    pattern = {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Transform Job State Change"]}
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(
        Rule=bucket, Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:us-east-1:000000000000:{bucket}"}]
    )
    jobs.put("in/a.csv", b"1\n")

    job = jobs.run(Tags=[{"Key": "team", "Value": "a"}])["TransformJobName"]

    found: list[dict[str, Any]] = []

    def is_complete() -> bool:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
            event = json.loads(message["Body"])
            if event["detail"]["TransformJobName"] == job:
                found.append(event)
        return len(found) >= 2

    until(is_complete)
    assert [event["detail"]["TransformJobStatus"] for event in found] == ["InProgress", "Completed"]
    assert found[0]["resources"] == [f"arn:aws:sagemaker:us-east-1:000000000000:transform-job/{job}"]
    assert found[1]["detail"]["Tags"] == {"team": "a"}
    assert found[1]["detail"]["TransformEndTime"] >= found[1]["detail"]["TransformStartTime"]
