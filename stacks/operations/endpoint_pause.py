"""Pause of a service: the parameter of the template with which the endpoint is deleted, and starts again."""

from typing import Any

from aws_cdk import CfnCondition, CfnParameter, CfnResource, Fn
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct, IConstruct

from stacks.settings.settings import PAUSED


class Pause(Construct):
    """Parameter Paused, and the condition under which its endpoint exists.

    A deployment keeps the parameter's value, so a paused service stays paused:
    https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-deploy.html

    Attributes:
        serves: The condition.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        parameter = CfnParameter(
            self,
            "Parameter",
            type="String",
            allowed_values=["false", "true"],
            default="false",
            description="Whether the endpoint is deleted until `make wake`",
        )
        parameter.override_logical_id(PAUSED)
        self.serves = CfnCondition(
            self,
            "Condition",
            expression=Fn.condition_not(Fn.condition_equals(parameter.value_as_string, "true")),
        )
        self.serves.override_logical_id("Serves")

    def choose(self, *, serving: Any, paused: Any) -> str:
        """Returns a value of the template that depends on whether the service is paused."""
        return Fn.condition_if(self.serves.logical_id, serving, paused).to_string()

    def delete_while_paused(self, scope: IConstruct) -> None:
        """Makes all resources of a construct depend on the condition."""
        for found in scope.node.find_all():
            if isinstance(found, CfnResource):
                found.cfn_options.condition = self.serves

    def set_while_paused(self, alarm: cloudwatch.Alarm, name: str, *, serving: Any, paused: Any) -> None:
        """Sets a property of an alarm, by its name in CloudFormation, to one value or another."""
        resource = alarm.node.default_child
        if isinstance(resource, CfnResource):
            resource.add_property_override(name, {"Fn::If": [self.serves.logical_id, serving, paused]})
