"""Transform jobs on this machine through boto3: their inputs, outputs and failures."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from local.local_aws import LocalAws
from tests.local.polling import until
from tests.local.sagemaker.transform.conftest import Jobs, create_model


def test_every_object_gets_an_output_beside_its_relative_path(jobs: Jobs) -> None:
    for key in ("in/a.csv", "in/2018/b.csv", "inandmore/c.csv"):
        jobs.put(key, b"1\n2\n")

    described = jobs.run()

    assert described["TransformJobStatus"] == "Completed"
    assert jobs.keys("out/") == ["out/2018/b.csv.out", "out/a.csv.out"]
    (answer,) = jobs.answers("out/a.csv.out")
    assert (answer["body"], answer["headers"]["content-type"]) == ("1\n2", "text/csv")
    assert described["TransformStartTime"] <= described["TransformEndTime"]
    assert described["TransformInput"]["SplitType"] == "Line"
    assert "FailureReason" not in described


def test_the_container_has_the_environment_of_model_and_job(
    aws: LocalAws, jobs: Jobs, upload: Callable[..., str]
) -> None:
    create_model(aws, f"{jobs.model}-2", upload("m.tar.gz"), Environment={"COLOUR": "blue", "SIZE": "small"})
    jobs.put("in/a.csv", b"1\n2\n")

    jobs.run(
        ModelName=f"{jobs.model}-2",
        Environment={"SIZE": "large", "SAGEMAKER_BATCH": "false"},
        BatchStrategy="SingleRecord",
        MaxPayloadInMB=2,
        MaxConcurrentTransforms=3,
    )

    first, second = jobs.answers("out/a.csv.out")
    assert (first["body"], second["body"]) == ("1", "2")
    names = ["COLOUR", "SIZE", *(name for name in first["environment"] if name.startswith("SAGEMAKER_"))]
    found = {name: first["environment"][name] for name in names}
    del found["SAGEMAKER_BASE_DIR"], found["SAGEMAKER_BIND_TO_PORT"]
    assert found == {
        "COLOUR": "blue",
        "SIZE": "large",
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": "2",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "3",
    }


def test_values_that_the_request_leaves_out_are_not_passed_on(jobs: Jobs) -> None:
    jobs.put("in/a.csv", b"1\n")

    job = jobs.run(output={"Accept": "application/jsonlines"})["TransformJobName"]

    (answer,) = jobs.answers("out/a.csv.out")
    assert answer["headers"]["accept"] == "application/jsonlines"
    assert not {"SAGEMAKER_BATCH_STRATEGY", "SAGEMAKER_MAX_PAYLOAD_IN_MB"} & answer["environment"].keys()
    (line,) = jobs.log(job, data=True)
    assert line.endswith(
        ":[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD"
    )


def test_a_manifest_names_the_objects(jobs: Jobs) -> None:
    for key in ("elsewhere/deep/a.csv", "elsewhere/b.csv", "elsewhere/c.csv"):
        jobs.put(key, key.encode())
    names = [{"prefix": f"s3://{jobs.bucket}/elsewhere/"}, "deep/a.csv", "b.csv"]
    jobs.put("list.manifest", json.dumps(names).encode())
    manifest = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{jobs.bucket}/list.manifest"}

    jobs.run(source={"DataSource": {"S3DataSource": manifest}})

    assert jobs.keys("out/") == ["out/b.csv.out", "out/deep/a.csv.out"]


def test_a_prefix_may_have_the_characters_of_a_query_and_a_fragment(jobs: Jobs) -> None:
    jobs.put("in/other.csv", b"1")
    jobs.put("in?x#1/a.csv", b"1")

    jobs.run(prefix="in?x#1/")

    assert jobs.keys("out/") == ["out/a.csv.out"]


def test_compressed_objects_are_decompressed(jobs: Jobs) -> None:
    jobs.put("in/a.csv.gz", gzip.compress(b"1\n2"))

    jobs.run(source={"CompressionType": "Gzip"})

    assert jobs.answers("out/a.csv.gz.out")[0]["body"] == "1\n2"


def test_objects_that_are_not_split_are_one_request_each(jobs: Jobs) -> None:
    jobs.put("in/a.json", b"[1,\n2]\n")

    jobs.run(source={"SplitType": "None", "ContentType": "application/json"}, output={"AssembleWith": "None"})

    assert json.loads(jobs.output("out/a.json.out"))["body"] == "[1,\n2]\n"
    assert not jobs.output("out/a.json.out").endswith(b"\n")


def test_outputs_keep_the_order_of_the_records_whatever_the_order_of_the_responses(
    jobs: Jobs, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    lines = [json.dumps({"gate": str(gate)}), *(json.dumps({"row": row}) for row in range(20))]
    jobs.put("in/a.jsonl", "\n".join(lines).encode())

    job = jobs.start(
        source={"ContentType": "application/jsonlines"},
        BatchStrategy="SingleRecord",
        MaxConcurrentTransforms=2,
    )
    until(gate.with_suffix(".reached").exists)
    gate.unlink()

    jobs.wait(job)
    assert [answer["body"] for answer in jobs.answers("out/a.jsonl.out")] == lines


def test_inputs_are_filtered_and_joined_with_the_outputs(jobs: Jobs) -> None:
    jobs.put("in/a.jsonl", b'{"id":1,"row":[0]}\n{"id":2,"row":[1]}\n')

    jobs.run(
        source={"ContentType": "application/jsonlines"},
        output={"Accept": "application/jsonlines"},
        BatchStrategy="SingleRecord",
        DataProcessing={
            "InputFilter": "$.row",
            "JoinSource": "Input",
            "OutputFilter": "$['id','SageMakerOutput']",
        },
    )

    found = jobs.answers("out/a.jsonl.out")
    assert [(record["id"], record["SageMakerOutput"]["body"]) for record in found] == [(1, "[0]"), (2, "[1]")]


@pytest.mark.parametrize(
    ("status", "kind", "first"),
    [
        (422, "ClientError", "ClientError: 422"),
        (500, "AlgorithmError", "Bad HTTP status received from algorithm: 500"),
    ],
)
def test_an_object_that_fails_fails_the_job_and_leaves_the_outputs_of_the_others(
    jobs: Jobs, status: int, kind: str, first: str
) -> None:
    jobs.put("in/a.csv", json.dumps({"status": status}).encode())
    jobs.put("in/b.csv", b"1\n")

    described = jobs.run(ModelClientConfig={"InvocationsMaxRetries": 0})

    assert (described["TransformJobStatus"], described["FailureReason"]) == (
        "Failed",
        f"{kind}: See job logs for more information",
    )
    assert jobs.keys("out/") == ["out/b.csv.out"]
    lines = [
        line.partition("[sagemaker logs]: ")[2] for line in jobs.log(described["TransformJobName"], data=True)
    ]
    assert lines[1:4] == [f"{jobs.bucket}/in/a.csv: {line}" for line in (first, "", "Message:")]


def test_a_request_without_a_response_is_retried(jobs: Jobs) -> None:
    jobs.put("in/a.csv", json.dumps({"drop": True}).encode())

    described = jobs.run(ModelClientConfig={"InvocationsMaxRetries": 1})

    assert described["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert jobs.log(described["TransformJobName"], data=True)[1].endswith(
        "Unable to get response from algorithm"
    )


def test_a_job_without_objects_fails(jobs: Jobs) -> None:
    described = jobs.run(prefix="nothing/")

    url = f"s3://{jobs.bucket}/nothing/"
    assert described["FailureReason"] == (
        f"ClientError: No S3 objects found under S3 URL '{url}' given in input data source."
    )


def test_several_instances_share_the_objects(jobs: Jobs) -> None:
    for number in range(4):
        jobs.put(f"in/{number}.csv", b"1\n")

    jobs.run(TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2})

    assert len(jobs.keys("out/")) == 4


def test_the_output_is_encrypted_with_the_key_of_the_job(aws: LocalAws, jobs: Jobs) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    jobs.put("in/a.csv", b"1\n")

    jobs.run(output={"KmsKeyId": key})

    found = aws.client("s3").head_object(Bucket=jobs.bucket, Key="out/a.csv.out")
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", key)
