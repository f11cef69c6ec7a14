"""IAM roles and users for tests, made through the API."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from local.local_aws import LocalAws

# What SageMaker does with the role of a model or of a job.
SAGEMAKER_ACTIONS = (
    "cloudwatch:DescribeAlarms",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
)


# The execution roles of the tests' models, training jobs and functions.
MODEL_ROLE = "arn:aws:iam::000000000000:role/model"
JOB_ROLE = "arn:aws:iam::000000000000:role/trainer"
FUNCTION_ROLE = "arn:aws:iam::000000000000:role/any"


def make_execution_roles(aws: LocalAws) -> None:
    """Makes the execution roles of the tests, unless they exist."""
    if MODEL_ROLE in {role["Arn"] for role in aws.client("iam").list_roles()["Roles"]}:
        return
    for arn, service in ((MODEL_ROLE, "sagemaker"), (JOB_ROLE, "sagemaker"), (FUNCTION_ROLE, "lambda")):
        make_role(aws, trust(service), allow(*SAGEMAKER_ACTIONS), name=arn.rpartition("/")[2])


def allow(*actions: str, resource: str | Sequence[str] = "*", **more: Any) -> dict[str, Any]:
    """Returns a statement that allows actions."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def trust(service: str, condition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Returns a trust policy for a service."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return policy(statement | ({"Condition": condition} if condition else {}))


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def make_role(
    aws: LocalAws, trusted: Mapping[str, Any], *statements: Mapping[str, Any], name: str = ""
) -> str:
    """Makes a role with a trust policy and the statements of its one policy; returns its ARN."""
    iam, name = aws.client("iam"), name or f"role-{uuid.uuid4().hex[:8]}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trusted))
    if statements:
        iam.put_role_policy(
            RoleName=name, PolicyName="granted", PolicyDocument=json.dumps(policy(*statements))
        )
    arn: str = role["Role"]["Arn"]
    return arn


def make_user(aws: LocalAws, *statements: Mapping[str, Any]) -> LocalAws:
    """Makes a user with the statements of its one policy; returns this AWS as that user sees it."""
    iam, name = aws.client("iam"), f"user-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(
            UserName=name, PolicyName="granted", PolicyDocument=json.dumps(policy(*statements))
        )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return CallerAws(
        port=aws.port,
        state=aws.state,
        keys={"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]},
    )


class CallerAws(LocalAws):
    """AWS on this machine, called with the keys of a principal."""

    keys: Mapping[str, str]

    def __init__(self, *, keys: Mapping[str, str], **others: Any) -> None:
        super().__init__(**others)
        object.__setattr__(self, "keys", keys)

    def client(self, service: str, **keys: Any) -> Any:
        """Creates a boto3 client with these keys."""
        return super().client(service, **{**self.keys, **keys})


def assume(aws: LocalAws, role: str, **options: Any) -> CallerAws:
    """Returns this AWS as a session of a role sees it."""
    found = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test", **options)["Credentials"]
    keys = {
        "access_key_id": found["AccessKeyId"],
        "secret_access_key": found["SecretAccessKey"],
        "session_token": found["SessionToken"],
    }
    return CallerAws(port=aws.port, state=aws.state, keys=keys)
