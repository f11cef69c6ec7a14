"""Step Functions of the emulator: MiniStack's executions with the role of their state machine."""

from local.emulator.assumed_roles import ExecutionRoles
from local.emulator.state_machines import distributed_map, resource_types, role_calls, rule_targets


def install(roles: ExecutionRoles, of_rules: ExecutionRoles) -> None:
    """Adds the decisions and the result writer to MiniStack.

    Args:
        roles: Assumes roles as Step Functions.
        of_rules: Assumes roles as EventBridge.
    """
    resource_types.install(roles)
    role_calls.install(roles)
    distributed_map.install()
    rule_targets.install(of_rules)
