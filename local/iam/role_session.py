"""Role sessions of AWS services: a service assumes a role, if the role's trust policy permits it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam, sts

from local.iam.policy_evaluation import PolicyEvaluation
from local.local_aws import ACCOUNT, REGION

_ASSUME_ROLE = "sts:AssumeRole"


class TrustError(Exception):
    """The role does not exist, or its trust policy does not let the service assume it."""


@dataclass(frozen=True, kw_only=True)
class RoleCredentials:
    """Temporary credentials of a role session."""

    access_key_id: str
    secret_access_key: str
    session_token: str


class RoleSessions:
    """The role sessions of services; one per service, role and name.

    Args:
        evaluation: Records who assumed which role.
    """

    def __init__(self, evaluation: PolicyEvaluation) -> None:
        self._evaluation = evaluation
        self._credentials: dict[tuple[str, str], RoleCredentials] = {}

    def assume(self, service: str, role_arn: str, *, name: str, source_arn: str) -> RoleCredentials:
        """Returns credentials of a role for a service.

        Args:
            service: The service principal, such as sagemaker.amazonaws.com.
            role_arn: The role.
            name: The session's name.
            source_arn: ARN of the resource on whose behalf the service acts, for aws:SourceArn.

        Raises:
            TrustError: The role does not exist, or its trust policy does not permit it.
        """
        self.check_trust(service, role_arn, source_arn=source_arn)
        if (role_arn, name) not in self._credentials:
            self._credentials[role_arn, name] = _register(role_arn, name)
        return self._credentials[role_arn, name]

    def check_trust(self, service: str, role_arn: str, *, source_arn: str) -> None:
        """Checks that a service may assume a role.

        Raises:
            TrustError: The role does not exist, or its trust policy does not permit it.
        """
        role = iam._roles.get_scoped(ACCOUNT, None, _role_name(role_arn))
        context = {"aws:sourcearn": source_arn, "aws:sourceaccount": ACCOUNT}
        if role is None or role["Arn"] != role_arn:
            reason = f"There is no role {role_arn}."
        elif not trusts(role["AssumeRolePolicyDocument"], service, role_arn, context):
            reason = f"The trust policy of {role_arn} does not allow {service} to assume it."
        else:
            reason = ""
        self._evaluation.record(
            service, _ASSUME_ROLE, role_arn, statement=f"trust policy of {role_arn}", reason=reason
        )
        if reason:
            raise TrustError(reason)


def trusts(
    document: str | Mapping[str, Any], service: str, role_arn: str, context: Mapping[str, str]
) -> bool:
    """Whether a trust policy lets a service assume the role: an Allow that matches, and no Deny.

    Args:
        document: The trust policy.
        service: The service principal.
        role_arn: The role.
        context: Condition keys in lower case.
    """
    request = service_request(service, _ASSUME_ROLE, role_arn, context)
    policy = json.loads(document) if isinstance(document, str) else document
    statements = policy["Statement"]
    # A trust policy names no resource: it is the role.
    on_role = [
        {**statement, "Resource": "*"}
        for statement in (statements if isinstance(statements, list) else [statements])
    ]
    found = iam_evaluator.evaluate_resource_policy({"Statement": on_role}, request, service=service)
    return bool(found.decision == "Allow")


def service_request(
    service: str, action: str, resource: str, context: Mapping[str, str]
) -> iam_evaluator.EvalContext:
    """Returns the request of a service, for the policy of a resource."""
    return iam_evaluator.EvalContext(
        principal_arn=service,
        principal_type="AWSService",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=REGION,
        service_context=dict(context),
    )


def _register(role_arn: str, name: str) -> RoleCredentials:
    credentials = RoleCredentials(
        access_key_id=f"ASIA{secrets.token_hex(8).upper()}",
        secret_access_key=secrets.token_hex(20),
        session_token=secrets.token_hex(32),
    )
    role = _role_name(role_arn)
    sts.register_session(
        credentials.access_key_id,
        {
            "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}",
            "UserId": f"{iam._roles.get_scoped(ACCOUNT, None, role)['RoleId']}:{name}",
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "AccountId": ACCOUNT,
            "PrincipalType": "AssumedRole",
        },
    )
    return credentials


def _role_name(role_arn: str) -> str:
    return role_arn.rsplit("/", 1)[-1]
