"""Releases of a production stack under load: a good version costs no request, alarms roll a bad one back."""

import json
import subprocess
from pathlib import Path

from tests.e2e.life.approvals import approve, register
from tests.e2e.support.account import Account
from tests.e2e.support.broken_bundles import write_failing_bundle
from tests.e2e.support.guarded_update import (
    RATE,
    GuardedUpdate,
    Row,
    assert_share,
    patient,
    update_under_load,
)
from tests.e2e.support.load import OK
from tests.tiny_bundle import write_tiny_bundle

STACK = "TinyProd"
SETTINGS = {
    "stage": "prod",
    "retrain": "manual",
    "data": "own",
    "approve": "manual",
    "alarm_email": "team@example.com",
}
# One new instance of two gets traffic first.
CANARY = 0.5
ROW: Row = {"size": 1.0}


def test_an_approved_version_is_shifted_under_load_and_one_that_fails_in_service_is_rolled_back(
    account: Account, tmp_path: Path
) -> None:
    # Given a service with two instances, and two versions that wait for approval, of which one fails
    paths = [tmp_path / f"{name}/model.tar.gz" for name in ("first", "second", "failing")]
    first = write_tiny_bundle(paths[0]).manifest.version
    second = write_tiny_bundle(paths[1], weight=2.0).manifest.version
    paths[2].parent.mkdir()
    write_failing_bundle(paths[2])
    outputs = account.deploy(paths[0], **SETTINGS)
    good, bad = (register(account, outputs, path) for path in paths[1:])

    def release(package: str) -> GuardedUpdate:
        def run() -> subprocess.CompletedProcess[str]:
            end = approve(account, outputs, package)
            return subprocess.CompletedProcess(
                "approve", int(end["status"] != "SUCCEEDED"), json.dumps(end, default=str), ""
            )

        with patient(account, STACK):
            return update_under_load(account, STACK, [ROW], run)

    def serving() -> str:
        return account.find().outputs["ModelVersion"]

    # When the good one is approved, then it serves, and no request has failed
    found = release(good)
    print(found.row("good"))
    assert found.deployed.returncode == 0, found.deployed.stdout
    assert set(found.load.statuses) == {OK}
    assert len(found.load.answered) > RATE
    assert found.load.lost == 0
    assert serving() == second

    # When the other one is approved, then the alarms roll it back: only requests to the canary have failed
    found = release(bad)
    print(found.row("fails"))
    assert found.deployed.returncode == 1
    assert_share(found.load, CANARY)
    assert found.load.lost == 0
    assert serving() == second

    # And the registry says why it is rejected
    rejected = account.aws.client("sagemaker").describe_model_package(ModelPackageName=bad)
    assert rejected["ModelApprovalStatus"] == "Rejected"
    assert "UpdateErrors" in rejected["ApprovalDescription"]

    # When the version before is wanted again, then it serves, and the one that served is rejected
    done = json.loads(account.local("rollback", "--json").stdout)
    assert (done["version"], done["before"], serving()) == (first, second, first)
    undone = account.aws.client("sagemaker").describe_model_package(ModelPackageName=good)
    assert undone["ModelApprovalStatus"] == "Rejected"
