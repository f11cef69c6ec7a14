"""Lambda function from a folder of lambda_src/."""

from collections.abc import Mapping

from aws_cdk import Aws, CfnResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.functions.function_package import package_code
from stacks.functions.log_group import make_log_group


class PythonFunction(Construct):
    """Lambda function with its own role, which may only write the function's log.

    Attributes:
        function: The function.
        role: Its execution role; grant further permissions to it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        package: str,
        module: str = "handler",
        description: str,
        timeout: Duration,
        memory_size: int,
        keeps_data: bool,
        environment: Mapping[str, str] | None = None,
        generated: Mapping[str, str] | None = None,
    ) -> None:
        """Makes function, role and log group.

        Args:
            scope: Parent construct.
            id: Id of the construct.
            package: Folder of lambda_src/.
            module: Module of the package with the function `handler`.
            description: What it does.
            timeout: Time limit of one call.
            memory_size: Memory in MB.
            keeps_data: Whether its log is retained when the stack is deleted.
            environment: Its environment variables.
            generated: Files that the zip has beside the package's, by name.
        """
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
            code=package_code(package, generated=generated or {}),
            handler=f"{package}.{module}.handler",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            timeout=timeout,
            memory_size=memory_size,
            environment=dict(environment or {}),
            log_group=log_group,
            role=self.role,
        )
        remove_redundant_dependencies(self.function)


def remove_redundant_dependencies(function: lambda_.Function) -> None:
    """Removes DependsOn from a function; the reference to its role implies the same order."""
    resource = function.node.default_child
    if isinstance(resource, CfnResource):
        resource.add_deletion_override("DependsOn")
