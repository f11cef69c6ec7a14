"""Change sets that change only the outputs of a stack: CloudFormation makes them executable.

MiniStack compares the resources alone and fails such a change set, so that a new output never arrives. The
CDK CLI looks at the status of a change set and not at the number of its changes:
https://github.com/aws/aws-cdk/pull/2029
"""

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers


def install() -> None:
    """Wraps MiniStack's CreateChangeSet."""
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]

    def create_change_set(params: Any) -> Any:
        known = set(cloudformation._change_sets)
        response = create(params)
        for identifier in set(cloudformation._change_sets) - known:
            _allow_outputs(cloudformation._change_sets[identifier])
        return response

    handlers._ACTION_HANDLERS["CreateChangeSet"] = create_change_set


def _allow_outputs(change_set: dict[str, Any]) -> None:
    stack = cloudformation._stacks.get(change_set["StackName"], {})
    is_empty_update = (
        change_set["ChangeSetType"] == "UPDATE"
        and change_set["Status"] == "FAILED"
        and change_set["StatusReason"].startswith("The submitted information didn't contain changes.")
    )
    if is_empty_update and _outputs(change_set) != _outputs(stack):
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")


def _outputs(owner: dict[str, Any]) -> Any:
    return owner.get("_template", {}).get("Outputs", {})
