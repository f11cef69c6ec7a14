"""CloudFormation types without effect, in a stack."""

import json
from typing import Any

from ministack.services.cloudformation import provisioners

from local.emulator import resource_types_without_effect
from local.local_aws import LocalAws
from tests.local.polling import PATIENT_WAITER


def template(**properties: Any) -> str:
    resources = {
        name.replace("::", ""): {"Type": name, "Properties": properties}
        for name in resource_types_without_effect.RECORDED_TYPES
    }
    first = next(iter(resources))
    return json.dumps({"Resources": resources, "Outputs": {"First": {"Value": {"Ref": first}}}})


def test_a_stack_of_all_recorded_types_is_created_updated_and_deleted(aws: LocalAws, bucket: str) -> None:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=bucket, TemplateBody=template(Any=1))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=bucket, WaiterConfig=PATIENT_WAITER)
    [created] = cloudformation.describe_stacks(StackName=bucket)["Stacks"]

    cloudformation.update_stack(StackName=bucket, TemplateBody=template(Any=2))
    cloudformation.get_waiter("stack_update_complete").wait(StackName=bucket, WaiterConfig=PATIENT_WAITER)
    [updated] = cloudformation.describe_stacks(StackName=bucket)["Stacks"]
    cloudformation.delete_stack(StackName=bucket)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=bucket, WaiterConfig=PATIENT_WAITER)

    assert created["Outputs"] == updated["Outputs"]
    log = aws.log.read_text()
    assert f"AWS::Budgets::Budget of stack {bucket} has no effect: nothing here costs anything." in log


def test_ministack_supports_none_of_the_recorded_types() -> None:
    """Remove a type from the list when a new version of MiniStack supports it."""
    assert (
        resource_types_without_effect.RECORDED_TYPES.keys() & provisioners._RESOURCE_HANDLERS.keys() == set()
    )
