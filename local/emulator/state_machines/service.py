"""Step Functions of the emulator: MiniStack's executions with the role of their state machine."""

from collections.abc import Mapping

from local.emulator.assumed_roles import ExecutionRoles
from local.emulator.state_machines import (
    distributed_map,
    managed_event_rules,
    redrives,
    resource_types,
    role_authorization,
    rule_targets,
    service_integrations,
    stops_and_timeouts,
)
from local.emulator.state_machines.quotas import payload_limit, started_executions
from local.emulator.state_machines.sagemaker_jobs import Ended, JobTasks


def install(
    roles: ExecutionRoles, of_rules: ExecutionRoles, *, speed: float, ended_jobs: Mapping[str, Ended]
) -> None:
    """Adds the decisions, the integrations and the result writer to MiniStack.

    Args:
        roles: Assumes roles as Step Functions.
        of_rules: Assumes roles as EventBridge.
        speed: How many seconds of AWS pass in one second of this machine.
        ended_jobs: The ends of SageMaker's jobs, by the kind of job, such as TrainingJob.
    """
    managed_event_rules.install(roles)
    redrives.install()
    resource_types.install(roles)
    role_authorization.install(roles)
    stops_and_timeouts.install(speed=speed)
    service_integrations.install()
    JobTasks(ended_jobs).install()
    distributed_map.install()
    payload_limit.install()
    started_executions.install()
    rule_targets.install(of_rules)
