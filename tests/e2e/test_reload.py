"""A bundle that is replaced in S3 while a function serves it: reload, refusal, no lost request."""

import json
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.deployments.deployment import Deployment
from tests.e2e.support.account import Account, call, context
from tests.e2e.support.throttles import lift_throttles
from tests.local.polling import until
from tests.tiny_bundle import write_tiny_bundle

BUCKET, KEY = "model-releases", "current/model.tar.gz"
URL = f"s3://{BUCKET}/{KEY}"
SECONDS = 1
PAUSE_SECONDS = 0.1
ROW = {"size": 1.0}


@dataclass(frozen=True, kw_only=True)
class Reloading:
    """The deployed tiny stack, whose function reloads its bundle from an object, and a folder of bundles."""

    account: Account
    folder: Path

    @property
    def service(self) -> Deployment:
        return self.account.find()

    def put(self, body: bytes) -> None:
        self.account.aws.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=body)

    def put_bundle(self, *, weight: float) -> str:
        """Writes a bundle into the object and returns its version."""
        path = self.folder / f"{weight}.tar.gz"
        version = write_tiny_bundle(path, weight=weight).manifest.version
        self.put(path.read_bytes())
        return version

    def predict(self) -> Any:
        answer = call("POST", self.service.url, body=ROW, key=self.service.api_key)
        assert answer.status == 200, answer
        return answer.body


@pytest.fixture(scope="module")
def reloading(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Reloading:
    reloading = Reloading(account=account, folder=tmp_path_factory.mktemp("bundles"))
    reloading.account.aws.client("s3").create_bucket(Bucket=BUCKET)
    reloading.put_bundle(weight=1.0)
    settings = context(model="tiny", hosting="lambda", bundle=URL, reload=str(SECONDS), scoring_data="own")
    account.local("deploy", *settings)
    lift_throttles(account)
    assert reloading.predict()["model"]["version"] == account.outputs()["ModelVersion"]
    return reloading


def wait_for_version(reloading: Reloading, version: str) -> None:
    until(lambda: reloading.predict()["model"]["version"] == version, pause=PAUSE_SECONDS)


def test_a_new_bundle_in_the_object_serves_without_a_deployment(reloading: Reloading) -> None:
    version = reloading.put_bundle(weight=2.0)

    wait_for_version(reloading, version)
    health = call("GET", reloading.service.url.replace("/predict", "/health"))
    assert health.status == 200
    assert health.body["expected_version"] == reloading.account.outputs()["ModelVersion"]


def test_files_are_scored_with_one_version_of_the_object(reloading: Reloading) -> None:
    account, version = reloading.account, reloading.put_bundle(weight=5.0)
    outputs, s3 = account.outputs(), account.aws.client("s3")
    bucket, key = outputs["ArtifactBucket"], "scores/in/rows.csv"
    etag = s3.put_object(Bucket=bucket, Key=key, Body=b"size\n1\n")["ETag"]

    # When a run starts, then all its results are of the version that its first step has read
    done = account.local("score", f"s3://{bucket}/scores/in/", "--yes", "--json")
    assert json.loads(done.stdout)["version"] == version

    # And a step of a run that read another one scores nothing, and says why
    functions = account.aws.client("lambda")
    [name] = [
        found["FunctionName"]
        for found in functions.list_functions()["Functions"]
        if "ScoringScorer" in found["FunctionName"]
    ]
    members = {"bucket": bucket, "key": key, "size": 7, "etag": etag, "prefix": "scores/in/"}
    event = {"step": "score", "version": "0" * 12, "output": "scores/other/", **members}
    answer = json.load(functions.invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])
    assert f"version {version} serves in the place of 000000000000" in answer["problem"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="scores/other/")


def test_no_request_fails_and_no_answer_mixes_versions_during_a_reload(reloading: Reloading) -> None:
    weights = {reloading.put_bundle(weight=weight): weight for weight in (3.0, 4.0)}
    wait_for_version(reloading, [*weights][-1])
    answers: list[Any] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers.append(call("POST", service.url, body={"instances": [ROW] * 3}, key=key))

    service = reloading.service
    key = service.api_key
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for weight in (3.0, 4.0, 3.0):
        wait_for_version(reloading, reloading.put_bundle(weight=weight))
    stop.set()
    for thread in threads:
        thread.join()

    assert {answer.status for answer in answers} == {200}
    assert {answer.body["model"]["version"] for answer in answers} == weights.keys()
    for answer in answers:
        weight = weights[answer.body["model"]["version"]]
        expected = pytest.approx(1 / (1 + math.exp(-weight)), abs=1e-5)
        assert [one["probability"] for one in answer.body["predictions"]] == [expected] * 3


def refusals(reloading: Reloading) -> int:
    """The number of refused bundles in the log."""
    logs = reloading.account.aws.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    lines = [
        event["message"] for group in groups for event in logs.filter_log_events(logGroupName=group)["events"]
    ]
    return sum('"event": "bundle not reloaded"' in line for line in lines)


def wait_for_refusal(reloading: Reloading, version: str) -> None:
    """Sends requests, which `version` must answer, until the log has one more refused bundle."""
    before = refusals(reloading)

    def is_refused() -> bool:
        assert reloading.predict()["model"]["version"] == version
        return refusals(reloading) > before

    until(is_refused, pause=PAUSE_SECONDS)


def test_an_object_that_is_no_bundle_leaves_the_old_version_serving(reloading: Reloading) -> None:
    version = reloading.put_bundle(weight=5.0)
    wait_for_version(reloading, version)

    reloading.put(b"no bundle")
    wait_for_refusal(reloading, version)
    reloading.account.aws.client("s3").delete_object(Bucket=BUCKET, Key=KEY)
    wait_for_refusal(reloading, version)

    wait_for_version(reloading, reloading.put_bundle(weight=6.0))


def test_the_smoke_check_compares_with_the_current_bundle(reloading: Reloading) -> None:
    version = reloading.put_bundle(weight=7.0)
    wait_for_version(reloading, version)
    # The invoker caches the health for ten seconds.
    health = reloading.service.url.replace("/predict", "/health")
    until(lambda: call("GET", health).body["model"]["version"] == version, pause=PAUSE_SECONDS)

    bundle = str(reloading.folder / "7.0.tar.gz")
    done = reloading.account.local("smoke", "--model", "tiny", "--bundle", bundle, check=False)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "was deployed" in done.stdout


def test_the_function_can_be_invoked_through_lambdas_api(reloading: Reloading) -> None:
    name = reloading.account.outputs()["EndpointName"]
    payload = json.dumps({"values": [[1.0], [0.0]]}).encode()

    response = reloading.account.aws.client("lambda").invoke(FunctionName=name, Payload=payload)

    answer = json.load(response["Payload"])

    assert [one["label"] for one in answer["predictions"]] == ["yes", "yes"]
    assert answer["model"] == reloading.predict()["model"]
