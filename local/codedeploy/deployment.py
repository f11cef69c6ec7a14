"""Deployment: its status, its error, and how the API describes it."""

import secrets
import string
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from local.codedeploy.app_spec import AppSpec
from local.codedeploy.codedeploy_resources import DeploymentGroup

DeploymentStatus = Literal["Created", "InProgress", "Succeeded", "Failed", "Stopped"]
Creator = Literal["user", "CloudFormation", "codeDeployRollback"]

_ENDED = ("Succeeded", "Failed", "Stopped")


def _new_id() -> str:
    return "d-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(9))


@dataclass(kw_only=True, eq=False)
class LambdaDeployment:
    """A deployment of one version to one alias.

    Attributes:
        group: The deployment group.
        spec: The alias and its versions.
        config: Name of the deployment configuration.
        creator: Who created it.
        id: Its id.
        status: Its status.
        weight: Percentage of the traffic that the target version gets.
        error: Code and message of the error that ended it.
        rollback: Members of rollbackInfo.
        stopping: Set to interrupt its waits.
        ended: Set when it has ended, its rollback included.
    """

    group: DeploymentGroup
    spec: AppSpec
    config: str
    creator: Creator
    id: str = field(default_factory=_new_id)
    status: DeploymentStatus = "Created"
    weight: int = 0
    error: tuple[str, str] | None = None
    rollback: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    completed: datetime | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def is_active(self) -> bool:
        """True until the deployment has ended."""
        return self.status not in _ENDED

    def end(self, status: DeploymentStatus, error: tuple[str, str] | None = None) -> None:
        """Ends it."""
        self.status, self.error, self.completed = status, error, datetime.now(UTC)

    def info(self) -> dict[str, Any]:
        """Returns its DeploymentInfo."""
        created = self.created.timestamp()
        return {
            "applicationName": self.group.application,
            "deploymentGroupName": self.group.name,
            "deploymentConfigName": self.config,
            "deploymentId": self.id,
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": self.spec.content}},
            "status": self.status,
            "createTime": created,
            "startTime": created,
            **({"completeTime": self.completed.timestamp()} if self.completed else {}),
            **(
                {"errorInformation": dict(zip(("code", "message"), self.error, strict=True))}
                if self.error
                else {}
            ),
            "creator": self.creator,
            "rollbackInfo": self.rollback,
            "deploymentStyle": self.group.parameters["deploymentStyle"],
            "computePlatform": "Lambda",
        }

    def target(self) -> dict[str, Any]:
        """Returns its DeploymentTarget: the function, its alias and the weight of the target version."""
        spec = self.spec
        return {
            "deploymentTargetType": "LambdaTarget",
            "lambdaTarget": {
                "deploymentId": self.id,
                "targetId": f"{spec.function}:{spec.alias}",
                "status": "InProgress" if self.status == "Created" else self.status,
                "lambdaFunctionInfo": {
                    "functionName": spec.function,
                    "functionAlias": spec.alias,
                    "currentVersion": spec.current,
                    "targetVersion": spec.target,
                    "targetVersionWeight": float(self.weight),
                },
            },
        }
