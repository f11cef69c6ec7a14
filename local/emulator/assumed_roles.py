"""Roles that SageMaker, CodeDeploy and Step Functions assume: they act with their permissions."""

import threading
from typing import Any

from local.iam.policy_evaluation import PolicyEvaluation
from local.iam.role_session import RoleCredentials, RoleSessions, TrustError
from local.local_aws import LocalAws
from local.sagemaker.execution_role import RoleError

_creating = threading.Lock()


class AssumedRole:
    """A role in the session of a service.

    Args:
        aws: The AWS that its clients call.
        credentials: The session's.
        evaluation: Decides about calls that no client makes, such as the pull of an image.
    """

    def __init__(self, *, aws: LocalAws, credentials: RoleCredentials, evaluation: PolicyEvaluation) -> None:
        self._aws = aws
        self._credentials = credentials
        self._evaluation = evaluation
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Returns a boto3 client with the role's credentials."""
        # A client may be used by several threads, but not created by them.
        with _creating:
            if service not in self._clients:
                self._clients[service] = self._aws.client(
                    service,
                    access_key_id=self._credentials.access_key_id,
                    secret_access_key=self._credentials.secret_access_key,
                    session_token=self._credentials.session_token,
                )
            return self._clients[service]

    def refusal(self, action: str, resource: str) -> str:
        """Returns AWS's message when the role may not do an action, or ""."""
        return self._evaluation.check(self._credentials.access_key_id, action, resource)


class ExecutionRoles:
    """Assumes roles as a service.

    Args:
        service: The service, such as SageMaker; it is the name of the sessions too.
        aws: The AWS that the roles' clients call.
        sessions: The role sessions.
        evaluation: Decides.
    """

    def __init__(
        self, service: str, *, aws: LocalAws, sessions: RoleSessions, evaluation: PolicyEvaluation
    ) -> None:
        self._service = service
        self._aws = aws
        self._sessions = sessions
        self._evaluation = evaluation

    def __call__(self, role_arn: str, *, source_arn: str) -> AssumedRole:
        """Assumes a role.

        Args:
            role_arn: The role.
            source_arn: The resource on whose behalf, such as an endpoint.

        Raises:
            RoleError: There is no such role, or the service may not assume it.
        """
        principal = f"{self._service.lower()}.amazonaws.com"
        try:
            credentials = self._sessions.assume(
                principal, role_arn, name=self._service, source_arn=source_arn
            )
        except TrustError as error:
            raise RoleError(str(error)) from None
        return AssumedRole(aws=self._aws, credentials=credentials, evaluation=self._evaluation)
