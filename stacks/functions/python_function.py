"""A Lambda function from a folder of lambda_src/."""

from collections.abc import Mapping

from aws_cdk import Aws, CfnResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.functions.function_package import package_code
from stacks.functions.log_group import make_log_group


class PythonFunction(Construct):
    """A function with a role of its own that may write its own log, and nothing else.

    Attributes:
        function: The function.
        role: Its execution role, for more permissions.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        package: str,
        description: str,
        timeout: Duration,
        memory_size: int,
        keeps_data: bool,
        environment: Mapping[str, str] | None = None,
        made: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id)
        log_group = make_log_group(self, "Log", keeps_data=keeps_data)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "lambda.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            code=package_code(package, made=made or {}),
            handler=f"{package}.handler.handler",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            timeout=timeout,
            memory_size=memory_size,
            environment=dict(environment or {}),
            log_group=log_group,
            role=self.role,
        )
        drop_said_dependencies(self.function)


def drop_said_dependencies(function: lambda_.Function) -> None:
    """Leaves out that a function waits for its role, which the role's ARN says already."""
    resource = function.node.default_child
    if isinstance(resource, CfnResource):
        resource.add_deletion_override("DependsOn")
