"""Stacks that last as long as a test needs them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.aws import LocalAws


@contextmanager
def deployed(aws: LocalAws, template: dict[str, Any]) -> Iterator[str]:
    """A stack, and the URL of its API as this machine reaches it."""
    client = aws.client("cloudformation")
    client.create_stack(StackName="Small", TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName="Small", WaiterConfig={"Delay": 0.1})
    [resource] = client.describe_stack_resources(StackName="Small", LogicalResourceId="Api")["StackResources"]
    yield f"{aws.url}/restapis/{resource['PhysicalResourceId']}/v1/_user_request_"
    client.delete_stack(StackName="Small")
    client.get_waiter("stack_delete_complete").wait(StackName="Small", WaiterConfig={"Delay": 0.1})
