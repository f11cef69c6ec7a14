"""Outputs of the stack that every stack has; those of scoring and retraining stand beside their resources."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Stack

from api import model_prefixes
from bundle import Manifest
from stacks.api.prediction_api import PredictionApi
from stacks.hosting.model_host import ModelHost
from stacks.storage.artifact_store import ArtifactStore


def add_outputs(
    stack: Stack,
    manifests: Sequence[Manifest],
    *,
    api: PredictionApi,
    model: ModelHost,
    artifacts: ArtifactStore,
) -> None:
    """Adds the outputs of the API, the hosting and each model.

    With several models, the names of a model's outputs end in the model's name.

    Args:
        stack: The stack.
        manifests: Manifest of each model.
        api: REST API of the stack.
        model: What runs the models.
        artifacts: Artifact store of the stack.
    """
    if api.page_url:
        CfnOutput(stack, "PageUrl", value=api.page_url)
    CfnOutput(stack, "HealthUrl", value=api.health_url)
    if api.api_key_id:
        CfnOutput(stack, "ApiKeyId", value=api.api_key_id)
    serves = model.pause.serves if model.pause else None
    CfnOutput(stack, "EndpointName", value=model.name, condition=serves)
    CfnOutput(stack, "ArtifactBucket", value=artifacts.bucket.bucket_name)
    names = [manifest.name for manifest in manifests]
    CfnOutput(stack, "Models", value=",".join(names))
    marked = model_prefixes(names)
    for manifest in manifests:
        mark = marked[manifest.name]
        CfnOutput(stack, "PredictUrl" + mark, value=api.predict_urls[manifest.name])
        CfnOutput(stack, "ModelVersion" + mark, value=artifacts.version or manifest.version)
