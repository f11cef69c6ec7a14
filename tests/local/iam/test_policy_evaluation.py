"""Decisions about requests: who is authenticated, and what its policies allow."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
import urllib3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from tests.local.iam.roles import allow, assume, make_role, make_user, policy, trust

QUEUE = "arn:aws:sqs:us-east-1:000000000000:jobs"


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """Returns code and message of a call that must be refused."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def client(aws: LocalAws, service: str, key: str, secret: str, **config: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=aws.url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def test_the_commands_sign_as_a_user_of_the_account(aws: LocalAws) -> None:
    identity = aws.client("sts").get_caller_identity()

    assert identity["Arn"] == "arn:aws:iam::000000000000:user/you"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("iam", "list_roles", "MissingAuthenticationToken"),
        ("cloudformation", "describe_stacks", "MissingAuthenticationToken"),
        ("sagemaker", "list_endpoints", "MissingAuthenticationTokenException"),
        ("lambda", "list_functions", "MissingAuthenticationTokenException"),
    ],
)
def test_a_request_without_signature_is_refused(
    aws: LocalAws, service: str, operation: str, code: str
) -> None:
    anonymous = client(aws, service, "", "", signature_version=UNSIGNED)

    assert refusal(getattr(anonymous, operation))[0] == code


def test_an_object_cannot_be_read_without_signature(aws: LocalAws, bucket: str) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="key", Body=b"")
    anonymous = client(aws, "s3", "", "", signature_version=UNSIGNED)

    assert refusal(anonymous.get_object, Bucket=bucket, Key="key")[0] == "AccessDenied"


@pytest.mark.parametrize("path", ["/2015-03-31/functions", "/?Action=ListRoles&Version=2010-05-08"])
def test_an_authorization_that_is_no_signature_is_refused(aws: LocalAws, path: str) -> None:
    answer = urllib3.request("GET", aws.url + path, headers={"authorization": "Bearer token"})

    assert answer.status == 403


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("iam", "list_roles", "SignatureDoesNotMatch"),
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
        ("sagemaker", "list_endpoints", "InvalidSignatureException"),
    ],
)
def test_a_request_with_another_secret_is_refused(
    aws: LocalAws, service: str, operation: str, code: str
) -> None:
    forged = client(aws, service, ACCESS_KEY_ID, SECRET_ACCESS_KEY[::-1])

    assert refusal(getattr(forged, operation))[0] == code


@pytest.mark.parametrize("key", ["test", "000000000000", "AKIAUNKNOWNUNKNOWN00"])
def test_no_key_is_the_root_users(aws: LocalAws, key: str) -> None:
    code, message = refusal(client(aws, "sts", key, "test").get_caller_identity)

    assert (code, message) == (
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    )


def test_a_user_without_policy_is_refused_in_the_words_of_aws(aws: LocalAws) -> None:
    user = make_user(aws)
    arn = user.client("sts").get_caller_identity()["Arn"]

    code, message = refusal(user.client("sqs").create_queue, QueueName="jobs")

    assert code == "AccessDenied"
    assert message == (
        f"User: {arn} is not authorized to perform: sqs:CreateQueue on resource: {QUEUE} because no "
        "identity-based policy allows the sqs:CreateQueue action"
    )


def test_s3_names_the_resource_in_quotation_marks(aws: LocalAws, bucket: str) -> None:
    code, message = refusal(make_user(aws).client("s3").get_object, Bucket=bucket, Key="a/b")

    assert code == "AccessDenied"
    assert f'perform: s3:GetObject on resource: "arn:aws:s3:::{bucket}/a/b" because no' in message


def test_an_explicit_deny_wins_over_an_allow(aws: LocalAws, bucket: str) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="key", Body=b"")
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/key"}
    user = make_user(aws, allow("s3:*"), deny)

    code, message = refusal(user.client("s3").get_object, Bucket=bucket, Key="key")

    assert (code, message.partition(" with ")[2]) == (
        "AccessDenied",
        "an explicit deny in an identity-based policy",
    )


def test_a_policy_on_the_account_of_the_resource_applies(aws: LocalAws, bucket: str) -> None:
    mine, other = (
        make_user(aws, allow("s3:PutObject", Condition={"StringEquals": {"aws:ResourceAccount": account}}))
        for account in ("000000000000", "111122223333")
    )

    mine.client("s3").put_object(Bucket=bucket, Key="key", Body=b"")
    code, _ = refusal(other.client("s3").put_object, Bucket=bucket, Key="key", Body=b"")

    assert code == "AccessDenied"


def test_requests_on_this_machine_count_as_tls(aws: LocalAws, bucket: str) -> None:
    secure = {"Bool": {"aws:SecureTransport": "true"}}

    make_user(aws, allow("s3:ListBucket", Condition=secure)).client("s3").list_objects_v2(Bucket=bucket)


def test_a_role_is_assumed_only_under_the_conditions_of_its_trust_policy(aws: LocalAws) -> None:
    trusted = policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "known"}},
        }
    )
    role = make_role(aws, trusted, allow("sts:GetCallerIdentity"))

    code, message = refusal(aws.client("sts").assume_role, RoleArn=role, RoleSessionName="test")
    session = assume(aws, role, ExternalId="known")

    assert code == "AccessDenied"
    assert message.endswith(f"is not authorized to perform: sts:AssumeRole on resource: {role}")
    assert session.client("sts").get_caller_identity()["Arn"].endswith("/test")


def test_a_user_cannot_assume_the_role_of_a_service(aws: LocalAws) -> None:
    role = make_role(aws, trust("lambda"), allow("s3:*"))

    assert refusal(aws.client("sts").assume_role, RoleArn=role, RoleSessionName="test")[0] == "AccessDenied"


def test_a_deletion_of_versions_needs_the_right_to_delete_each(aws: LocalAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="key", Body=b"")["VersionId"]
    deletion = {"Objects": [{"Key": "key", "VersionId": version}]}
    objects_only = make_user(aws, allow("s3:DeleteObject"))
    versions_too = make_user(aws, allow("s3:DeleteObject", "s3:DeleteObjectVersion"))

    code, message = refusal(objects_only.client("s3").delete_objects, Bucket=bucket, Delete=deletion)
    deleted = versions_too.client("s3").delete_objects(Bucket=bucket, Delete=deletion)["Deleted"]

    assert code == "AccessDenied"
    assert "perform: s3:DeleteObjectVersion on resource" in message
    assert [found["VersionId"] for found in deleted] == [version]


def test_a_star_stands_for_ends_of_lines_too_and_a_pattern_for_the_whole_name(
    aws: LocalAws, bucket: str
) -> None:
    objects = f"arn:aws:s3:::{bucket}"
    aws.client("s3").put_object(Bucket=bucket, Key="in/two\nlines.csv", Body=b"rows")
    aws.client("s3").put_object(Bucket=bucket, Key="one\n", Body=b"rows")
    user = make_user(aws, allow("s3:GetObject", resource=[f"{objects}/in/*", f"{objects}/one"]))

    found = user.client("s3").get_object(Bucket=bucket, Key="in/two\nlines.csv")

    assert found["Body"].read() == b"rows"
    assert refusal(user.client("s3").get_object, Bucket=bucket, Key="one\n")[0] == "AccessDenied"
