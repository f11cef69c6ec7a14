"""Common parts of SageMaker endpoints of both kinds: permissions, and the check of what serves."""

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.functions.python_function import PythonFunction

# Longer than the timeout of the function, so CloudFormation gets its error.
_CHECK_TIMEOUT = Duration.minutes(6)


class SageMakerEndpoint(Construct):
    """Base of real-time and serverless endpoints, which set `_endpoint`."""

    _endpoint: sagemaker.CfnEndpoint

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants `grantee` sagemaker:InvokeEndpoint on this endpoint."""
        return self._grant(grantee, "sagemaker:InvokeEndpoint")

    def grant_describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants `grantee` sagemaker:DescribeEndpoint on this endpoint."""
        return self._grant(grantee, "sagemaker:DescribeEndpoint")

    @property
    def _arn(self) -> str:
        # Ref is the ARN; one formatted from the name would differ, because SageMaker's has lower case.
        return self._endpoint.ref

    def _grant(self, grantee: iam.IGrantable, action: str) -> iam.Grant:
        return iam.Grant.add_to_principal(grantee=grantee, actions=[action], resource_arns=[self._arn])


class ServedConfiguration(Construct):
    """Check after each update that the endpoint serves its new configuration; without it the update fails.

    CloudFormation deletes the configuration and the model that an update has replaced when every resource is
    updated. SageMaker may have rolled the endpoint back by then, and still serve them.

    Attributes:
        ref: Id of the check, which CloudFormation knows once the endpoint serves the configuration.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        endpoint: sagemaker.CfnEndpoint,
        config: sagemaker.CfnEndpointConfig,
        checker: PythonFunction,
    ) -> None:
        super().__init__(scope, id)
        # A policy of its own: the default policy of the role must exist before the endpoint does.
        policy = iam.Policy(
            self,
            "Policy",
            roles=[checker.role],
            statements=[
                iam.PolicyStatement(actions=["sagemaker:DescribeEndpoint"], resources=[endpoint.ref])
            ],
        )
        check = CustomResource(
            self,
            "Check",
            resource_type="Custom::ServedConfiguration",
            service_token=checker.function.function_arn,
            service_timeout=_CHECK_TIMEOUT,
            properties={
                "EndpointName": endpoint.attr_endpoint_name,
                "EndpointConfigName": config.attr_endpoint_config_name,
            },
        )
        check.node.add_dependency(policy)
        self.ref = check.ref
