"""The REST API in front of a model."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from stacks.log_group import make_log_group
from stacks.python_function import PythonFunction
from stacks.settings import Settings

_STAGE = "v1"
# The chain of timeouts: 9 s for two attempts at the model, then the function, then the integration.
_FUNCTION_TIMEOUT = Duration.seconds(12)
_INTEGRATION_TIMEOUT = Duration.seconds(15)
_RATE_LIMIT, _BURST_LIMIT = 100, 200
# Without a key, and each one costs a prediction.
_HEALTH_RATE_LIMIT, _HEALTH_BURST_LIMIT = 5, 10

_AUTHORIZATION = {"key": apigateway.AuthorizationType.NONE, "iam": apigateway.AuthorizationType.IAM}

_ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "integration_milliseconds": "$context.integrationLatency",
    "bytes": "$context.responseLength",
    "api_key_id": "$context.identity.apiKeyId",
    "user": "$context.identity.userArn",
    "source_ip": "$context.identity.sourceIp",
    "error": "$context.error.responseType",
}


class PredictionApi(Construct):
    """POST /predict for holders of a key or a permission, GET /health for all, answered by the invoker.

    Attributes:
        invoker: The function behind both routes, for the permissions it needs.
        rest_api: The API.
        api_key_id: Id of the key, None where IAM decides; `aws apigateway get-api-key` reads its value.
        predict_url: URL for POST.
        health_url: URL for GET.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        request_schema: Mapping[str, Any],
        target: Mapping[str, str],
        health_instance: Mapping[str, Any],
        model_version: str,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id)
        self._settings = settings
        self.invoker = PythonFunction(
            self,
            "Invoker",
            package="invoker",
            description="Forwards requests of the API to the model",
            timeout=_FUNCTION_TIMEOUT,
            memory_size=512,
            keeps_data=settings.keeps_data,
            environment={
                **target,
                "HEALTH_INSTANCE": json.dumps(health_instance),
                "MODEL_VERSION": model_version,
            },
        )
        self.rest_api = self._make_rest_api()
        integration = apigateway.LambdaIntegration(
            self.invoker.function, timeout=_INTEGRATION_TIMEOUT, allow_test_invoke=False
        )
        self._add_predict(integration, request_schema)
        self.rest_api.root.add_resource("health").add_method("GET", integration)
        self.api_key_id = self._add_key() if settings.auth == "key" else None
        self.predict_url = self.rest_api.url_for_path("/predict")
        self.health_url = self.rest_api.url_for_path("/health")

    def _make_rest_api(self) -> apigateway.RestApi:
        rest_api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=Stack.of(self).stack_name,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            # Stages cannot log in an account without it; it is kept, because other APIs come to rely on it.
            cloud_watch_role=True,
            deploy_options=self._stage_options(),
        )
        rest_api.node.try_remove_child("Endpoint")
        rest_api.deployment_stage.node.add_dependency(
            make_log_group(
                self,
                "ExecutionLog",
                name=f"API-Gateway-Execution-Logs_{rest_api.rest_api_id}/{_STAGE}",
                keeps_data=self._settings.keeps_data,
            )
        )
        return rest_api

    def _stage_options(self) -> apigateway.StageOptions:
        access_log = make_log_group(self, "AccessLog", keeps_data=self._settings.keeps_data)
        return apigateway.StageOptions(
            stage_name=_STAGE,
            throttling_rate_limit=_RATE_LIMIT,
            throttling_burst_limit=_BURST_LIMIT,
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            metrics_enabled=True,
            access_log_destination=apigateway.LogGroupLogDestination(access_log),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
            method_options={
                "/health/GET": apigateway.MethodDeploymentOptions(
                    throttling_rate_limit=_HEALTH_RATE_LIMIT,
                    throttling_burst_limit=_HEALTH_BURST_LIMIT,
                    logging_level=apigateway.MethodLoggingLevel.ERROR,
                    metrics_enabled=True,
                )
            },
        )

    def _add_predict(self, integration: apigateway.Integration, schema: Mapping[str, Any]) -> None:
        # Under $default the model holds for every content type; otherwise a request could choose one without.
        self.rest_api.root.add_resource("predict").add_method(
            "POST",
            integration,
            api_key_required=self._settings.auth == "key",
            authorization_type=_AUTHORIZATION[self._settings.auth],
            request_models={"$default": self._make_request_model(schema)},
            request_validator=apigateway.RequestValidator(
                self,
                "Validator",
                rest_api=self.rest_api,
                validate_request_body=True,
                validate_request_parameters=True,
            ),
        )

    def _make_request_model(self, schema: Mapping[str, Any]) -> apigateway.IModel:
        model = apigateway.CfnModel(
            self,
            "Request",
            rest_api_id=self.rest_api.rest_api_id,
            content_type="application/json",
            schema={"$schema": "http://json-schema.org/draft-04/schema#", **schema},
        )
        deployment = self.rest_api.latest_deployment
        if deployment is not None:
            # A stage goes on validating with the old model until there is a new deployment.
            deployment.add_to_logical_id({"request": json.dumps(schema, sort_keys=True)})
            deployment.node.add_dependency(model)
        return apigateway.Model.from_model_name(self, "RequestModel", model.ref)

    def _add_key(self) -> str:
        key = apigateway.ApiKey(self, "Key")
        plan = apigateway.UsagePlan(
            self,
            "UsagePlan",
            throttle=apigateway.ThrottleSettings(rate_limit=_RATE_LIMIT, burst_limit=_BURST_LIMIT),
            api_stages=[
                apigateway.UsagePlanPerApiStage(api=self.rest_api, stage=self.rest_api.deployment_stage)
            ],
        )
        plan.add_api_key(key)
        return key.key_id
