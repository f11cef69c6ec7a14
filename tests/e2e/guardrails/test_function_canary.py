"""Updates of a function in production: a good version shifts without a failure, a bad one is rolled back."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from local.deployments.deployment import Deployment
from local.process_environment import isolated
from tests.e2e.support.account import ROOT, Account, call, context
from tests.e2e.support.cloud_assembly import FailedUpdateError
from tests.e2e.support.throttles import lift_throttles
from tests.tiny_bundle import FIELDS, write_tiny_bundle

CLIENTS = 2
# Gives each datapoint of an alarm enough requests, and leaves the processors to the tests beside this one.
PAUSE_SECONDS = 0.05
ROW = {"size": 50.0}
# The score of a row of size 0, the golden row, is 0; that of the clients' row is infinite.
OVERFLOWING = 3e38
SETTINGS = {"stage": "prod", "hosting": "lambda"}


def test_a_good_version_shifts_without_a_failure_and_a_failing_one_is_rolled_back(
    account: Account, tmp_path: Path
) -> None:
    # Given a function that serves its first version
    bundles = [tmp_path / f"{number}.tar.gz" for number in range(3)]
    first, second, _ = (
        write_tiny_bundle(path, weight=weight)
        for path, weight in zip(bundles, (1.0, 2.0, OVERFLOWING), strict=True)
    )
    account.deploy(bundles[0], **SETTINGS)
    lift_throttles(account)
    service = account.find()

    # When a good version is deployed, then clients get answers from both, and no failure
    with clients(service) as answers:
        account.deploy(bundles[1], **SETTINGS)
    assert {status for status, _ in answers} == {200}
    assert {version for _, version in answers} == {first.manifest.version, second.manifest.version}
    assert alias(account) == ("2", None)
    assert statuses(account) == ["Succeeded"]

    # When a version that fails is deployed, then its alarm rolls it back, and `make deploy` names what serves
    with clients(service) as answers:
        deployed = make_deploy(account, bundles[2])
    failures = sum(count for (status, _), count in answers.items() if status != 200)
    assert 0 < failures < 0.5 * answers.total()
    assert deployed.returncode == 1
    assert "The deployment of TinyProd failed: version 2 of function " in deployed.stderr
    assert alias(account) == ("2", None)
    assert statuses(account) == ["Stopped", "Succeeded", "Succeeded"]
    assert "Activated alarms: TinyProd-model-version-3-errors (Error code: ALARM_ACTIVE)" in reason(account)
    assert call("POST", service.url, body=ROW, key=service.api_key).body["model"] == {
        "name": "tiny",
        "version": second.manifest.version,
    }

    # When a version that refuses every row of the clients is deployed, then an alarm rolls it back too
    refusing = tmp_path / "refusing.tar.gz"
    size, *others = FIELDS
    narrowed = msgspec.structs.replace(size, maximum=ROW["size"] - 1)
    write_tiny_bundle(refusing, fields=(narrowed, *others))
    with clients(service) as answers, pytest.raises(FailedUpdateError):
        account.deploy(refusing, **SETTINGS)
    refused = sum(count for (status, _), count in answers.items() if status != 200)
    assert {status for status, _ in answers} == {200, 422}
    assert refused < 0.5 * answers.total()
    assert "Activated alarms: TinyProd-model-version-4-refusals (Error code: ALARM_ACTIVE)" in reason(account)
    account.delete_stack("TinyProd")


@contextmanager
def clients(service: Deployment) -> Iterator[Counter[tuple[int, str]]]:
    """Sends requests until the end of the block; yields the numbers of statuses and versions."""
    answers: Counter[tuple[int, str]] = Counter()
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(PAUSE_SECONDS):
            answer = call("POST", service.url, body=ROW, key=service.api_key)
            answers[answer.status, answer.body.get("model", {}).get("version", "")] += 1

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def make_deploy(account: Account, bundle: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command of `make deploy` against the account."""
    environment = isolated(account.environment) | {
        "AWS_ENDPOINT_URL": account.aws.url,
        "PATH": f"{Path(sys.executable).parent}:{account.environment['PATH']}",
        "CDK_HOME": str(account.state / "cdk"),
    }
    settings = context(model="tiny", bundle=str(bundle), **SETTINGS)
    options = ["--output", str(account.state / "deployed"), "--require-approval", "never"]
    return subprocess.run(
        [sys.executable, "-m", "stacks.commands.deploy", *settings, *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def alias(account: Account) -> tuple[str, Any]:
    """Version and weights of the alias."""
    [function] = [
        found["FunctionName"]
        for found in account.aws.client("lambda").list_functions()["Functions"]
        if "Model" in found["FunctionName"]
    ]
    found = account.aws.client("lambda").get_alias(FunctionName=function, Name="live")
    return found["FunctionVersion"], found.get("RoutingConfig")


def statuses(account: Account) -> list[str]:
    """Statuses of all deployments, sorted."""
    client = account.aws.client("codedeploy")
    return sorted(
        client.get_deployment(deploymentId=found)["deploymentInfo"]["status"]
        for found in client.list_deployments()["deployments"]
    )


def reason(account: Account) -> str:
    """The reason of the last failed update of a resource."""
    events = account.aws.client("cloudformation").describe_stack_events(StackName="TinyProd")["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"] == "UPDATE_FAILED"]
    return str(failed[0]["ResourceStatusReason"])
