"""The one stack."""

import json
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from bundle import Bundle, Manifest, request_schema
from stacks.components.artifact_store import ArtifactStore
from stacks.components.gateway_problems import GatewayProblems
from stacks.components.model_endpoint import ModelEndpoint
from stacks.components.model_image import ModelImage
from stacks.components.prediction_api import PredictionApi
from stacks.settings import Settings


class PredictionStack(cdk.Stack):
    """One model behind one REST API."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, bundle: Bundle) -> None:
        manifest = bundle.manifest
        super().__init__(scope, id, description=f"Predictions of the model {manifest.name} over REST")
        artifacts = ArtifactStore(self, "Artifacts", bundle=bundle, archive=settings.bundle)
        image = ModelImage(self, "Image")
        endpoint = ModelEndpoint(
            self,
            "Endpoint",
            image_uri=image.image_uri,
            model_data_url=artifacts.model_data_url,
            settings=settings,
        )
        api = PredictionApi(
            self,
            "Api",
            request_schema=request_schema(manifest.fields),
            endpoint_name=endpoint.endpoint_name,
            health_instance=_shortest_row(manifest),
            model_version=manifest.version,
        )
        GatewayProblems(self, "Problems", rest_api=api.rest_api)

        artifacts.grant_read(endpoint.role)
        image.grant_pull(endpoint.role)
        endpoint.grant_invoke(api.invoker.role)

        cdk.CfnOutput(self, "PredictUrl", value=api.predict_url)
        cdk.CfnOutput(self, "HealthUrl", value=api.health_url)
        cdk.CfnOutput(self, "ApiKeyId", value=api.api_key_id)
        cdk.CfnOutput(self, "EndpointName", value=endpoint.endpoint_name)
        cdk.CfnOutput(self, "ArtifactBucket", value=artifacts.bucket.bucket_name)
        cdk.CfnOutput(self, "ModelVersion", value=manifest.version)


def _shortest_row(manifest: Manifest) -> dict[str, Any]:
    # A function's environment holds 4 KB.
    return min((golden.instance for golden in manifest.golden), key=lambda row: len(json.dumps(row)))
