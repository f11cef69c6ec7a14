"""Interfaces of hosting: what a model host offers, how it is constructed, and the artifact store it reads."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.functions.python_function import PythonFunction
from stacks.hosting.model_image import ModelImage
from stacks.operations.endpoint_pause import Pause
from stacks.settings.settings import Settings


class ModelArtifacts(Protocol):
    """Artifact store of the models."""

    @property
    def holds_several(self) -> bool:
        """Whether there are several models."""

    @property
    def model_data_url(self) -> str:
        """S3 URI of the bundle, or prefix of several bundles."""

    @property
    def version(self) -> str:
        """Version of the single model that serves; empty for several models."""

    @property
    def interface(self) -> str:
        """Digest of the single model's request and response interface; empty for several models."""

    @property
    def captures_url(self) -> str:
        """S3 URI prefix of captured requests and responses."""

    @property
    def bucket_arn(self) -> str:
        """ARN of the artifact bucket."""

    @property
    def publisher(self) -> PythonFunction:
        """Function behind the stack's custom resources."""

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Grants `grantee` read access to the bundles."""

    def grant_capture(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants `grantee` write access to captured requests and responses."""


class ModelHost(Protocol):
    """Construct that runs the model: a SageMaker endpoint or a Lambda function."""

    @property
    def name(self) -> str:
        """Name of the endpoint or function."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables with which the invoker finds the host."""

    @property
    def alarms(self) -> Sequence[cloudwatch.Alarm]:
        """Alarms of the host."""

    @property
    def widgets(self) -> Sequence[cloudwatch.ConcreteWidget]:
        """Dashboard widgets of the host."""

    @property
    def pause(self) -> Pause | None:
        """The parameter that pauses the host; None for one that costs nothing while nobody asks."""

    @property
    def served(self) -> str:
        """A name or id of the host that CloudFormation knows once it serves, and not before."""

    @property
    def guarded_arn(self) -> str | None:
        """ARN of the endpoint whose updates SageMaker rolls back; None for a host without guardrails."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants `grantee` requests for predictions."""

    def grant_describe(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants `grantee` requests for the state of the host."""


class ModelHostType(Protocol):
    """Constructor that all model hosts have in common."""

    def __call__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ModelImage,
        artifacts: ModelArtifacts,
        settings: Settings,
    ) -> ModelHost:
        """Constructs the host of the models in `artifacts`, which runs `image`, or its code from a zip."""
