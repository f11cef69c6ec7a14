"""The life of a model on AWS on this machine: retrained, judged, released, proven; a worse one is refused."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

from local.iam_decisions import fetch_decisions
from tests.e2e.support.account import Account, Answer, call
from tests.e2e.support.mailbox import subscribe
from tests.e2e.support.permissions import unlisted
from tests.local.polling import until
from tests.training.flights.sample_files import as_csv, hourly_weather, shuffled, some_flights
from training.__main__ import main

MODEL = "flight_delay"


def retrain(account: Account, *flags: str) -> tuple[int, dict[str, Any]]:
    """Runs the command; returns its exit code and what it prints."""
    done = account.local("retrain", "--model", MODEL, "--json", *flags, check=False)
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


def train(folder: Path, rows: bytes) -> Path:
    """Trains the first version as `python -m training` does, in this process, which has the libraries."""
    (folder / "first.csv").write_bytes(rows)
    (folder / "weather.csv").write_bytes(hourly_weather([1, 2, 3, 4]))
    sources = ["--data", str(folder / "first.csv"), "--weather", str(folder / "weather.csv")]
    assert main([MODEL, "--no-report", *sources, "--out", str(folder)]) == 0
    return folder / "model.tar.gz"


def test_a_model_is_retrained_and_released_and_a_worse_one_is_refused(
    account: Account, tmp_path: Path
) -> None:
    # Given a deployed version that has learned from two months, with a registry, a mailbox and no rows
    months = some_flights([1, 2, 3, 4])
    bundle = train(tmp_path, as_csv([*months[1], *months[2]]))
    settings = {
        "model": MODEL,
        "hosting": "realtime",
        "retrain": "manual",
        "data": "own",
        "weather": "own",
        "approve": "auto",
        "alarm_email": "team@example.com",
    }
    outputs = account.deploy_bundles({MODEL: bundle}, **settings)
    first, folder = outputs["ModelVersion"], outputs["RowsFolder"].partition("/rows/")[0]
    [topic] = [found["TopicArn"] for found in account.aws.client("sns").list_topics()["Topics"]]
    mails = subscribe(account, topic)
    service = account.find(MODEL)

    def put(month: int, content: bytes) -> None:
        put_object(f"rows/2013-{month:02}.csv", content)

    def put_object(key: str, content: bytes) -> None:
        account.aws.client("s3").put_object(Bucket=folder.removeprefix("s3://"), Key=key, Body=content)

    def serving() -> str:
        answers: list[Answer] = []

        def answers_in_time() -> bool:
            answers.append(call("GET", service.health_url, key=service.api_key))
            return answers[-1].status == HTTPStatus.OK

        # A health check has less than a second, which is little on a busy machine.
        until(answers_in_time)
        return str(answers[-1].body["model"]["version"])

    code, found = retrain(account)
    assert (code, found["outcome"], serving()) == (0, "nothing-to-do", first)

    # When another month arrives, and the weather of all
    put_object("weather/2013.csv", hourly_weather([1, 2, 3, 4]))
    for month in (1, 2, 3):
        put(month, as_csv(months[month]))
    code, found = retrain(account)

    # Then a second version serves, which was judged, registered and approved by rule, and a mail says so
    assert (code, found["outcome"], found["champion"]) == (0, "released", first), found
    second = found["version"]
    assert serving() == found["serving"] == second != first
    print(json.dumps(found["seconds"]))
    learned = manifest(account, folder.removeprefix("s3://"), second)["data"]["name"]
    assert "with the weather of" in learned
    by_version = packages(account, outputs["ModelPackageGroup"])
    assert by_version[second]["ModelApprovalStatus"] == "Approved"
    assert by_version[second]["CustomerMetadataProperties"]["replaced"] == first
    told = f"Version {second} serves, in the place of {first}"
    assert [mail for mail in mails() if mail.startswith(told)]

    # And the same rows are no reason for another
    assert retrain(account)[1]["outcome"] == "nothing-to-do"

    # When rows arrive from which nothing can be learned, but for the newest
    for month in (1, 2, 3):
        put(month, as_csv(shuffled(months[month])))
    put(4, as_csv(months[4]))
    code, found = retrain(account)

    # Then the judge refuses the third version, with reasons, and the second one goes on serving
    assert (code, found["outcome"], found["champion"]) == (3, "refused", second), found
    assert found["reasons"]
    assert serving() == second
    third = packages(account, outputs["ModelPackageGroup"])[found["version"]]
    assert third["ModelApprovalStatus"] == "Rejected"

    # And a deployment of what was deployed before changes nothing
    assert account.deploy_bundles({MODEL: bundle}, **settings)["ModelVersion"] == second
    assert serving() == second

    # And the roles have used what they may, were refused nothing, and nothing is left
    account.delete_stack(service.stack)
    decisions = fetch_decisions(account.aws)
    assert [one for one in unlisted(decisions, stack=service.stack) if one[0].startswith("Retraining")] == []
    assert decisions.refused == []
    # The log group of all training jobs of an account is SageMaker's own, and no stack's.
    assert account.resources() == ["/aws/sagemaker/TrainingJobs"]
    assert account.aws.client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert account.aws.client("stepfunctions").list_state_machines()["stateMachines"] == []


def manifest(account: Account, bucket: str, version: str) -> dict[str, Any]:
    """Reads the manifest of a version in the artifact bucket."""
    key = f"models/{MODEL}/{version}/manifest.json"
    found: dict[str, Any] = json.loads(
        account.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    )
    return found


def packages(account: Account, group: str) -> dict[str, dict[str, Any]]:
    """Describes the model packages of a group, by version."""
    sagemaker = account.aws.client("sagemaker")
    listed = sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
    found = [sagemaker.describe_model_package(ModelPackageName=one["ModelPackageArn"]) for one in listed]
    return {one["CustomerMetadataProperties"]["version"]: one for one in found}
