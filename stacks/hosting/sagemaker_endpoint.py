"""Permissions of SageMaker endpoints of both kinds."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct


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
