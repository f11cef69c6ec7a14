"""Every permission of every role: used by a deployment, or listed with the reason why not; and needed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from local.decisions import Decisions, fetch_decisions
from local.permission_proof import PermissionProof
from tests.e2e.support.account import Account, call
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

# Permissions that only AWS itself uses. Role (the start of its logical id) and action -> why.
_LOG_OF_API = "AWS's managed policy; API Gateway writes no log on this machine"
_MULTIPART = "an upload that the publisher broke off; bundles of this size are copied in one part"
UNUSED: Mapping[tuple[str, str], str] = {
    ("ApiRestApiCloudWatchRole", "logs:CreateLogGroup"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:CreateLogStream"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:DescribeLogGroups"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:DescribeLogStreams"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:FilterLogEvents"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:GetLogEvents"): _LOG_OF_API,
    ("ApiRestApiCloudWatchRole", "logs:PutLogEvents"): _LOG_OF_API,
    ("ArtifactsPublisherRole", "s3:AbortMultipartUpload"): _MULTIPART,
    ("ModelHostedRole", "cloudwatch:PutMetricData"): "SageMaker's agent on the instance measures the host",
    ("ModelHostedRole", "s3:PutObject"): "captured requests and responses are not written on this machine",
}
_FAILED_CREATION = "empties the bucket of a failed first creation, which test_update.py makes"
UNUSED_IN_PROD: Mapping[tuple[str, str], str] = {
    ("ArtifactsPublisherRole", "s3:DeleteObject"): _FAILED_CREATION,
    ("ArtifactsPublisherRole", "s3:DeleteObjectVersion"): _FAILED_CREATION,
    ("ArtifactsPublisherRole", "s3:ListBucketMultipartUploads"): _FAILED_CREATION,
    ("ArtifactsPublisherRole", "s3:ListBucketVersions"): _FAILED_CREATION,
}


def unlisted(decisions: Decisions, *, stage: str) -> list[tuple[str, str]]:
    """The unused permissions that are not in the lists."""
    listed = {**UNUSED, **(UNUSED_IN_PROD if stage == "prod" else {})}
    found = [(grant["role"], grant["action"]) for grant in decisions.unused]
    return [
        (role, action)
        for role, action in found
        if not any(role.startswith(start) and action == known for start, known in listed)
    ]


@pytest.fixture
def empty_account(tmp_path: Path) -> Iterator[Account]:
    """AWS on this machine without what an earlier stack of the stage prod has left."""
    account = Account(state=tmp_path / "aws")
    account.local("up")
    yield account
    account.local("down")


@pytest.mark.parametrize("stage", ["dev", "prod"])
@pytest.mark.parametrize("hosting", ["realtime", "serverless", "lambda"])
def test_every_permission_is_used_and_no_call_is_refused(
    empty_account: Account, hosting: str, stage: str, tmp_path: Path
) -> None:
    # Given a deployed stack that has answered a prediction and a health check
    write_tiny_bundle(tmp_path / "model.tar.gz")
    empty_account.deploy(tmp_path / "model.tar.gz", hosting=hosting, stage=stage)
    service = empty_account.find()
    key = None if service.is_signed else service.api_key
    assert json.loads(empty_account.local("predict", "--row", json.dumps(EXAMPLE)).stdout)["predictions"]
    assert call("GET", service.health_url, key=key).status == 200

    # When it is deleted
    empty_account.delete_stack(service.stack)

    # Then every statement was used or is listed with its reason, by its exact action, and nothing was refused
    decisions = fetch_decisions(empty_account.aws)
    assert unlisted(decisions, stage=stage) == []
    assert decisions.missing == []
    assert decisions.refused == []


@pytest.fixture(scope="module")
def proof(account: Account, tmp_path_factory: pytest.TempPathFactory) -> PermissionProof:
    path = tmp_path_factory.mktemp("bundle") / "model.tar.gz"
    write_tiny_bundle(path)
    account.deploy(path)
    return PermissionProof(account.find())


@pytest.mark.parametrize(
    ("role", "action", "failure"),
    [
        ("ArtifactsPublisherRole", "s3:PutObject", "create of ArtifactsPublication"),
        ("ModelHostedRole", "ecr:BatchGetImage", "create of ModelEndpoint"),
        ("ApiInvokerRole", "sagemaker:InvokeEndpoint", "POST /predict responds with 50"),
    ],
)
def test_without_a_permission_an_operation_fails_in_the_words_of_aws(
    proof: PermissionProof, role: str, action: str, failure: str
) -> None:
    [permission] = [
        item for item in proof.permissions if item.action == action and item.role.startswith(role)
    ]

    outcome = proof.outcome(permission)

    assert outcome.failure.startswith(failure)
    assert f"is not authorized to perform: {action} on resource: " in outcome.message
    assert outcome.message.endswith(f"because no identity-based policy allows the {action} action")
