"""Every permission of every role: used by a deployment, or listed with the reason why not; and needed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from local.iam_decisions import fetch_decisions
from local.permissions.needed_permissions import PermissionProof
from tests.e2e.support.account import Account, call
from tests.e2e.support.permissions import unlisted
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle, write_tiny_report


@pytest.fixture
def empty_account(tmp_path: Path) -> Iterator[Account]:
    """AWS on this machine without what an earlier stack of the stage prod has left."""
    account = Account(state=tmp_path / "aws")
    account.start()
    yield account
    account.stop()


@pytest.mark.parametrize("stage", ["dev", "prod"])
@pytest.mark.parametrize("hosting", ["realtime", "serverless", "lambda"])
def test_every_permission_is_used_and_no_call_is_refused(
    empty_account: Account, hosting: str, stage: str, tmp_path: Path
) -> None:
    # Given a deployed stack that has answered a prediction, a health check and a report of a training
    write_tiny_bundle(tmp_path / "model.tar.gz")
    write_tiny_report(tmp_path / "model.tar.gz")
    empty_account.deploy(tmp_path / "model.tar.gz", hosting=hosting, stage=stage)
    service = empty_account.find()
    key = None if service.is_signed else service.api_key
    assert json.loads(empty_account.local("predict", "--row", json.dumps(EXAMPLE)).stdout)["predictions"]
    assert call("GET", service.health_url, key=key).status == 200
    assert urllib3.request("GET", f"{service.api_url}/model").status == 200

    # When it is deleted
    empty_account.delete_stack(service.stack)

    # Then every statement was used or is listed with its reason, by its exact action, and nothing was refused
    decisions = fetch_decisions(empty_account.aws)
    assert unlisted(decisions, stack=service.stack, stage=stage) == []
    assert decisions.missing == []
    assert decisions.refused == []


def test_every_permission_of_a_function_that_reloads_is_used(empty_account: Account, tmp_path: Path) -> None:
    # Given a bundle in a bucket of one's own, encrypted with a key of one's own
    write_tiny_bundle(tmp_path / "model.tar.gz")
    key = empty_account.aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    s3 = empty_account.aws.client("s3")
    s3.create_bucket(Bucket="releases")
    s3.put_object(
        Bucket="releases",
        Key="model.tar.gz",
        Body=(tmp_path / "model.tar.gz").read_bytes(),
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
    )

    # When a function that reloads it is deployed, asked and deleted
    settings = {"bundle": "s3://releases/model.tar.gz", "hosting": "lambda", "reload": "1"}
    empty_account.deploy_bundles({"tiny": tmp_path / "model.tar.gz"}, **settings)
    service = empty_account.find()
    assert call("POST", service.url, body=EXAMPLE, key=service.api_key).status == 200
    assert call("GET", service.health_url, key=service.api_key).status == 200
    empty_account.delete_stack(service.stack)

    # Then it has used every permission
    decisions = fetch_decisions(empty_account.aws)
    assert unlisted(decisions, stack=service.stack) == []
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
