"""A bundle that is replaced in S3, under a function that follows it and clients that go on asking."""

import json
import math
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.deployment import Deployment, find
from tests.e2e.account import Account, call
from tests.tiny_bundle import write_tiny_bundle

BUCKET, KEY = "models-of-somebody", "current/model.tar.gz"
URL = f"s3://{BUCKET}/{KEY}"
SECONDS = 1
ROW = {"size": 1.0}


@dataclass(frozen=True, kw_only=True)
class Followed:
    """The tiny stack whose function follows an object, and the folder of its bundles."""

    account: Account
    folder: Path

    @property
    def aws(self) -> LocalAws:
        return LocalAws(port=self.account.port, state=self.account.state)

    @property
    def service(self) -> Deployment:
        return find(self.aws)

    def put(self, body: bytes) -> None:
        self.aws.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=body)

    def put_bundle(self, *, weight: float) -> str:
        """Puts a bundle into the object; its version."""
        path = self.folder / f"{weight}.tar.gz"
        version = write_tiny_bundle(path, weight=weight).manifest.version
        self.put(path.read_bytes())
        return version

    def predict(self) -> Any:
        answer = call("POST", self.service.url, body=ROW, key=self.service.api_key)
        assert answer.status == 200, answer
        return answer.body


@pytest.fixture(scope="module")
def followed(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Followed:
    followed = Followed(account=account, folder=tmp_path_factory.mktemp("bundles"))
    followed.aws.client("s3").create_bucket(Bucket=BUCKET)
    followed.put_bundle(weight=1.0)
    words = {"model": "tiny", "hosting": "lambda", "bundle": URL, "reload": str(SECONDS)}
    context = [word for name, value in words.items() for word in ("--context", f"{name}={value}")]
    account.local("deploy", *context)
    return followed


def wait_for_version(followed: Followed, version: str) -> None:
    deadline = time.monotonic() + 60
    while followed.predict()["model"]["version"] != version:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_is_put_in_the_object_answers_without_a_deployment(followed: Followed) -> None:
    assert followed.predict()["model"]["version"] == followed.account.outputs()["ModelVersion"]

    version = followed.put_bundle(weight=2.0)

    wait_for_version(followed, version)
    health = call("GET", followed.service.url.replace("/predict", "/health"))
    assert health.status == 200
    assert health.body["expected_version"] == followed.account.outputs()["ModelVersion"]


def test_no_answer_is_lost_or_mixed_while_the_object_is_replaced(followed: Followed) -> None:
    weights = {followed.put_bundle(weight=weight): weight for weight in (3.0, 4.0)}
    wait_for_version(followed, [*weights][-1])
    answers: list[Any] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers.append(call("POST", service.url, body={"instances": [ROW] * 3}, key=key))

    service = followed.service
    key = service.api_key
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for weight in (3.0, 4.0, 3.0):
        wait_for_version(followed, followed.put_bundle(weight=weight))
    stop.set()
    for thread in threads:
        thread.join()

    assert {answer.status for answer in answers} == {200}
    assert {answer.body["model"]["version"] for answer in answers} == weights.keys()
    for answer in answers:
        weight = weights[answer.body["model"]["version"]]
        expected = pytest.approx(1 / (1 + math.exp(-weight)), abs=1e-5)
        assert [one["probability"] for one in answer.body["predictions"]] == [expected] * 3


def refusals(followed: Followed) -> int:
    """How often the log says so far that what is in the object is not served."""
    logs = followed.aws.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    lines = [
        event["message"] for group in groups for event in logs.filter_log_events(logGroupName=group)["events"]
    ]
    return sum('"event": "bundle not reloaded"' in line for line in lines)


def wait_for_refusal(followed: Followed, version: str) -> None:
    """Asks until the log tells of one more refusal; whatever answers must be `version`."""
    before, deadline = refusals(followed), time.monotonic() + 60
    while refusals(followed) == before:
        assert followed.predict()["model"]["version"] == version
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_is_no_bundle_leaves_the_old_one_until_it_is_mended(followed: Followed) -> None:
    version = followed.put_bundle(weight=5.0)
    wait_for_version(followed, version)

    followed.put(b"no bundle")
    wait_for_refusal(followed, version)
    followed.aws.client("s3").delete_object(Bucket=BUCKET, Key=KEY)
    wait_for_refusal(followed, version)

    wait_for_version(followed, followed.put_bundle(weight=6.0))


def test_the_smoke_check_holds_it_against_the_bundle_that_is_there(followed: Followed) -> None:
    version = followed.put_bundle(weight=7.0)
    wait_for_version(followed, version)
    # Health is kept for ten seconds.
    health, deadline = followed.service.url.replace("/predict", "/health"), time.monotonic() + 60
    while call("GET", health).body["model"]["version"] != version:
        assert time.monotonic() < deadline
        time.sleep(0.2)

    bundle = str(followed.folder / "7.0.tar.gz")
    done = followed.account.local("smoke", "--model", "tiny", "--bundle", bundle, check=False)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "was deployed" in done.stdout


def test_the_function_can_be_invoked_as_lambda_has_it(followed: Followed) -> None:
    name = followed.account.outputs()["EndpointName"]
    request = urllib.request.Request(  # noqa: S310  # of this machine
        f"{followed.aws.url}/2015-03-31/functions/{name}/invocations",
        data=json.dumps({"values": [[1.0], [0.0]]}).encode(),
    )

    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # see above
        answer = json.load(response)

    assert [one["label"] for one in answer["predictions"]] == ["yes", "yes"]
    assert answer["model"] == followed.predict()["model"]
