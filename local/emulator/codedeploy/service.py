"""CodeDeploy of the emulator: its deployments act with the service role of their group."""

from local.codedeploy.alias import ServiceRole, ShiftError
from local.codedeploy.codedeploy import CodeDeploy
from local.codedeploy.traffic_shift import ShiftClock
from local.emulator.assumed_roles import ExecutionRoles
from local.emulator.codedeploy import alias_updates, resource_types
from local.iam.stacks.stack_role import StackRoles
from local.sagemaker.execution_role import RoleError


def make_codedeploy(roles: ExecutionRoles, *, clock: ShiftClock) -> CodeDeploy:
    """Returns CodeDeploy, which assumes the roles of deployment groups.

    Args:
        roles: Assumes roles as CodeDeploy.
        clock: The clock of the waits.
    """

    def assume(role: str, source: str) -> ServiceRole:
        try:
            return roles(role, source_arn=source)
        except RoleError as error:
            raise ShiftError("IAM_ROLE_MISSING", str(error)) from None

    return CodeDeploy(assume=assume, clock=clock)


def install(codedeploy: CodeDeploy, *, roles: StackRoles) -> None:
    """Adds its resource types, and updates of aliases, to MiniStack's CloudFormation.

    Args:
        codedeploy: Makes the deployments.
        roles: The roles of the stacks.
    """
    resource_types.install(codedeploy.catalog)
    alias_updates.install(
        codedeploy, check=lambda action, resource, stack: roles.check_action(action, resource, stack=stack)
    )
