"""Version that serves: the parameter of the template with which versions of the model are released."""

from aws_cdk import CfnCondition, CfnMapping, CfnParameter, Fn
from constructs import Construct

from stacks.settings.settings import RELEASED


class ReleasedVersion(Construct):
    """Parameter ReleasedVersion; empty, which is its default, stands for the version of the template.

    A deployment keeps the parameter's value, so a released version goes on serving:
    https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-deploy.html

    The template's own version is in a mapping. In the properties of the model's function it would make the
    CDK publish another version of a function that is the same, which Lambda refuses.

    Args:
        scope: Parent construct.
        id: Id of the construct.
        own: Version of the bundle that the template is made with.

    Attributes:
        value: The version, which CloudFormation resolves.
    """

    def __init__(self, scope: Construct, id: str, *, own: str) -> None:
        super().__init__(scope, id)
        parameter = CfnParameter(
            self,
            "Parameter",
            type="String",
            default="",
            allowed_pattern="([0-9a-f]{12})?",
            constraint_description="must be a version of the model, 12 hexadecimal digits, or empty",
            description="Version that serves; empty for the version of the last deployment's bundle",
        )
        parameter.override_logical_id(RELEASED)
        template = CfnMapping(self, "Template", mapping={"Bundle": {"Version": own}}, lazy=False)
        template.override_logical_id("Template")
        is_released = CfnCondition(
            self,
            "Condition",
            expression=Fn.condition_not(Fn.condition_equals(parameter.value_as_string, "")),
        )
        is_released.override_logical_id("IsReleased")
        self.value = Fn.condition_if(
            is_released.logical_id, parameter.value_as_string, template.find_in_map("Bundle", "Version")
        ).to_string()
