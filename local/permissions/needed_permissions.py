"""Proof that each permission of a template is needed: without it, an operation fails."""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from local.deployments.deployment import Deployment
from local.errors import LocalError
from local.iam_decisions import fetch_decisions
from local.local_aws import ACCOUNT, REGION
from local.permissions.template_permissions import (
    Permission,
    TemplateJson,
    template_permissions,
    without_permission,
)

_EXECUTION_ROLE = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}"
_ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
_KEY = "permission-proof.json"
# The suffixes of generated names, and of logical ids.
_SUFFIX = re.compile(r"-[0-9A-Fa-f]{13}\b|(?<=[a-z])[0-9A-F]{8}\b")
# Of an asset, of a version in a path, and of a model package group.
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b|(?<=/)[0-9a-f]{12}(?=/)|(?<=-)[0-9a-f]{8}(?=/|\b)")
# Failures that no response shows.
_LOST_LOG = "the lines of the log are lost"
_UNKNOWN_STATE = "/health does not know the state of the model's host"
_WAIT = {"Delay": 0.2, "MaxAttempts": 900}


@dataclass(frozen=True, kw_only=True)
class PermissionOutcome:
    """Effect of a missing permission.

    Attributes:
        role: Logical id of the role.
        action: The action that the template does not grant.
        failure: The operation that fails, or "" when none does.
        message: AWS's words.
    """

    role: str
    action: str
    failure: str
    message: str

    def to_json(self) -> dict[str, str]:
        """Returns the outcome as JSON."""
        return dataclasses.asdict(self)


class PermissionProof:
    """Deploys a stack without a permission, uses it, and deletes it.

    The stack must be deployed by the CDK CLI, which has published its assets. It is deleted.

    Args:
        deployed: The stack.
    """

    def __init__(self, deployed: Deployment) -> None:
        self._deployed = deployed
        self._aws = deployed.aws
        self._stack = deployed.stack
        self._cloudformation = deployed.aws.client("cloudformation")
        self._template = _template(self._cloudformation, deployed.stack)
        self._row = deployed.example

    @property
    def permissions(self) -> list[Permission]:
        """Each action of each role of the template."""
        return list(template_permissions(self._template))

    def outcome(self, permission: Permission) -> PermissionOutcome:
        """Deploys the stack without a permission and returns what fails."""
        self._delete()
        before = self._refusals(permission)
        failure = self._create(without_permission(self._template, permission))
        if not failure:
            failure = self._use() or self._delete()
        refused = {key: row for key, row in self._refusals(permission).items() if row != before.get(key)}
        message = next((row["reason"] for row in refused.values()), "")
        if message and not failure:
            failure = _LOST_LOG if permission.action.startswith("logs:") else _UNKNOWN_STATE
        return PermissionOutcome(
            role=permission.role, action=permission.action, failure=failure, message=message
        )

    def _create(self, template: TemplateJson) -> str:
        # The template is longer than TemplateBody may be.
        self._aws.client("s3").put_object(Bucket=_ASSETS, Key=_KEY, Body=json.dumps(template).encode())
        self._cloudformation.create_stack(
            StackName=self._stack,
            RoleARN=_EXECUTION_ROLE,
            TemplateURL=f"{self._aws.url}/{_ASSETS}/{_KEY}",
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
        return self._await("create")

    def _use(self) -> str:
        """Makes a prediction and asks for the health; returns what fails."""
        found = dataclasses.replace(self._deployed, outputs=self._outputs())
        for method, url, body in (("POST", found.url, self._row), ("GET", found.health_url, "")):
            status = found.request(method, url, body).status
            if status != HTTPStatus.OK:
                return f"{method} {url.rpartition('_user_request_')[2]} responds with {status}"
        return ""

    def _delete(self) -> str:
        """Deletes the stack, if it exists; returns what fails, and then deletes it without its bucket."""
        with suppress(ClientError):
            self._cloudformation.delete_stack(StackName=self._stack)
        failure = self._await("delete")
        if failure:
            self._force_delete()
        return failure

    def _force_delete(self) -> None:
        s3 = self._aws.client("s3")
        resources = self._cloudformation.describe_stack_resources(StackName=self._stack)["StackResources"]
        failed = [item for item in resources if item["ResourceStatus"] == "DELETE_FAILED"]
        names = [item["LogicalResourceId"] for item in failed]
        self._cloudformation.delete_stack(StackName=self._stack, RetainResources=names)
        self._await("delete")
        for bucket in s3.list_buckets()["Buckets"]:
            if bucket["Name"].startswith(self._stack.lower()):
                _remove_bucket(s3, bucket["Name"])

    def _await(self, verb: str) -> str:
        """Waits for an operation; returns the first resource that failed."""
        try:
            waiter = self._cloudformation.get_waiter(f"stack_{verb}_complete")
            waiter.wait(StackName=self._stack, WaiterConfig=_WAIT)
        except WaiterError:
            failed = failed_resource(self._cloudformation, self._stack, status=f"{verb.upper()}_FAILED")
            return f"{verb} of {failed or 'the stack'}"
        return ""

    def _outputs(self) -> dict[str, str]:
        [described] = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}

    def _refusals(self, permission: Permission) -> dict[object, Mapping[str, Any]]:
        """Returns the refusals of an action of a role."""
        session = f":assumed-role/{self._stack}-{permission.role}"[:60]
        return {
            (row["caller"], row["resource"]): row
            for row in fetch_decisions(self._aws).refused
            if row["action"] == permission.action and session in row["caller"]
        }


def failed_resource(cloudformation: Any, stack: str, *, status: str) -> str:
    """Returns the logical id of the last resource of a stack that got a status; "" for none.

    Args:
        cloudformation: CloudFormation client of boto3.
        stack: Name of the stack.
        status: CREATE_FAILED or DELETE_FAILED.
    """
    # The newest event is the first one. The roll-back of a creation has more events than a page.
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    events = (event for page in pages for event in page["StackEvents"])
    named = (event["LogicalResourceId"] for event in events if event["ResourceStatus"] == status)
    return next((name for name in named if name != stack), "")


def outcome_table(outcomes: Sequence[PermissionOutcome]) -> str:
    """Returns outcomes as a Markdown table, without generated suffixes and digests."""
    lines = ["| role | without | what fails | AWS's words |", "| --- | --- | --- | --- |"]
    for item in outcomes:
        cells = (item.role, f"`{item.action}`", item.failure or "nothing", item.message)
        lines.append(_DIGEST.sub("…", _SUFFIX.sub("", f"| {' | '.join(cells)} |")))
    return "\n".join(lines)


def _template(cloudformation: Any, stack: str) -> dict[str, Any]:
    body = cloudformation.get_template(StackName=stack)["TemplateBody"]
    template: dict[str, Any] = json.loads(body) if isinstance(body, str) else dict(body)
    if not list(template_permissions(template)):
        raise LocalError(f"Stack {stack} has no policies.")
    return template


def _remove_bucket(s3: Any, bucket: str) -> None:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    for page in pages:
        for found in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
            s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
    s3.delete_bucket(Bucket=bucket)
