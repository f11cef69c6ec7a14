"""REST API with the routes of predictions, pages, health and OpenAPI document."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Annotations, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from api import PAGE_PATH, PAGE_PATHS, predict_paths
from bundle import MAX_BODY_BYTES, MAX_ROWS, Manifest
from stacks.api.invoker_files import invoker_files
from stacks.api.throttling import method_throttling
from stacks.api.usage_plan import add_api_key
from stacks.functions.log_group import make_log_group
from stacks.functions.python_function import PythonFunction
from stacks.settings.settings import Settings
from stacks.storage.model_report import Reports

_STAGE = "v1"
# Each timeout is above the one behind it: two attempts at the model take at most 9 s.
_FUNCTION_TIMEOUT = Duration.seconds(12)
_INTEGRATION_TIMEOUT = Duration.seconds(15)

_HEALTH = "/health"
_LARGE_PAGE_BYTES = 80_000
# Accepts any JSON object, because the container validates the rows and names each invalid one.
_REQUEST_SCHEMA = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}

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
    """REST API: POST of predictions with an API key or IAM signature, and open GET of the others.

    The invoker function serves all routes and methods: other methods get 405, preflights their CORS headers.

    Attributes:
        invoker: The function behind all routes; grant its role access to the model.
        rest_api: The API.
        api_key_id: Id of the API key, or None with auth=iam; `aws apigateway get-api-key` returns its value.
        predict_urls: URL of predictions, by model name.
        health_url: URL of the health check.
        page_url: URL of the page for people, or None with page=off.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        manifests: Sequence[Manifest],
        target: Mapping[str, str],
        reports: Reports,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id)
        self._settings = settings
        models = predict_paths([manifest.name for manifest in manifests])
        self._predict_routes = [*models.values()]
        # Path -> its own method.
        self._routes = {
            **dict.fromkeys(self._predict_routes, "POST"),
            **(dict.fromkeys(PAGE_PATHS, "GET") if settings.has_page else {}),
            _HEALTH: "GET",
            "/openapi.json": "GET",
        }
        files = invoker_files(manifests, reports=reports, settings=settings)
        self._note_size_of_page(files.get("page.json", ""))
        self.invoker = self._make_invoker(
            {
                **target,
                "MAX_ROWS": str(MAX_ROWS),
                "MAX_BODY_BYTES": str(MAX_BODY_BYTES),
                **_allowed_origins(settings),
            },
            files,
        )
        self.rest_api = self._make_rest_api()
        self._add_routes()
        self.api_key_id = add_api_key(self, self.rest_api, settings) if settings.auth == "key" else None
        self.predict_urls = {model: self.rest_api.url_for_path(path) for model, path in models.items()}
        self.health_url = self.rest_api.url_for_path(_HEALTH)
        self.page_url = self.rest_api.url_for_path(PAGE_PATH) if settings.has_page else None

    def _make_invoker(self, environment: Mapping[str, str], files: Mapping[str, str]) -> PythonFunction:
        return PythonFunction(
            self,
            "Invoker",
            package="invoker",
            description="Forwards requests of the API to the model",
            timeout=_FUNCTION_TIMEOUT,
            memory_size=512,
            keeps_data=self._settings.keeps_data,
            environment=environment,
            generated=files,
        )

    def _note_size_of_page(self, page: str) -> None:
        size = len(page.encode())
        if size > _LARGE_PAGE_BYTES:
            Annotations.of(self).add_warning_v2(
                "prediction:large-page",
                f"The page at {PAGE_PATH} has {size / 1000:,.0f} KB, because it has a control for each field "
                f"of the model: a form of more than {_LARGE_PAGE_BYTES / 1000:.0f} KB is slow to load and to "
                "fill in. It works; -c page=off leaves all pages out.",
            )

    def _make_rest_api(self) -> apigateway.RestApi:
        rest_api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=Stack.of(self).stack_name,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            # An account and region have one role for execution logs. Each stack that sets it overwrites it:
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html
            # It is retained because other APIs may use it.
            cloud_watch_role=self._settings.api_logging_role == "own",
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
            throttling_rate_limit=self._settings.rate_limit,
            throttling_burst_limit=self._settings.burst_limit,
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            metrics_enabled=True,
            access_log_destination=apigateway.LogGroupLogDestination(access_log),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
            method_options=method_throttling(
                self._routes,
                protected=self._predict_routes,
                has_preflights=bool(self._settings.cors_origins),
                limits=self._settings,
            ),
        )

    def _add_routes(self) -> None:
        # One permission for all routes: the policy of a function holds 20 KB, which those of each route of
        # 17 models exceed: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        integration = apigateway.LambdaIntegration(
            self.invoker.function, timeout=_INTEGRATION_TIMEOUT, scope_permission_to_method=False
        )
        for path, method in self._routes.items():
            resource = self.rest_api.root.resource_for_path(path)
            resource.add_method(
                method, integration, **(self._predict_options if path in self._predict_routes else {})
            )
            resource.add_method("ANY", integration)

    @functools.cached_property
    def _predict_options(self) -> dict[str, Any]:
        """Options of the prediction methods: authorization and request validation."""
        return {
            "api_key_required": self._settings.auth == "key",
            "authorization_type": _AUTHORIZATION[self._settings.auth],
            # API Gateway does not validate bodies of content types without a model, such as text/csv.
            "request_models": {"application/json": self._make_request_model()},
            "request_validator": apigateway.RequestValidator(
                self,
                "Validator",
                rest_api=self.rest_api,
                validate_request_body=True,
                validate_request_parameters=True,
            ),
        }

    def _make_request_model(self) -> apigateway.IModel:
        model = apigateway.CfnModel(
            self,
            "Request",
            rest_api_id=self.rest_api.rest_api_id,
            content_type="application/json",
            schema=_REQUEST_SCHEMA,
        )
        deployment = self.rest_api.latest_deployment
        if deployment is not None:
            # A stage validates with the old model until there is a new deployment.
            deployment.add_to_logical_id({"request": json.dumps(_REQUEST_SCHEMA, sort_keys=True)})
            deployment.node.add_dependency(model)
        return apigateway.Model.from_model_name(self, "RequestModel", model.ref)


def _allowed_origins(settings: Settings) -> dict[str, str]:
    return {"ALLOWED_ORIGINS": ",".join(settings.cors_origins)} if settings.cors_origins else {}
