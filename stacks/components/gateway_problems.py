"""What the API answers by itself, as problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from stacks.settings import Auth

_CAUSE = "$context.error.messageString"
_HEADERS = {"Content-Type": "'application/problem+json'", "x-request-id": "context.requestId"}


@dataclass(frozen=True, kw_only=True)
class _Problem:
    """One kind of answer; without a status it keeps the one that API Gateway chose."""

    title: str
    status: HTTPStatus | None = None
    detail: str = _CAUSE
    retry_after: int | None = None

    def template(self) -> str:
        """The body; API Gateway puts in its variables, and quotes the ones whose names end in String."""
        status = {} if self.status is None else {"status": self.status.value}
        document = {"type": "about:blank", "title": self.title, **status, "detail": self.detail}
        body = json.dumps(document | {"request_id": "$context.requestId"})
        return body.replace(json.dumps(_CAUSE), _CAUSE)

    def headers(self) -> dict[str, str]:
        return _HEADERS if self.retry_after is None else _HEADERS | {"Retry-After": f"'{self.retry_after}'"}


# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
_PROBLEMS: Mapping[str, tuple[apigateway.ResponseType, _Problem]] = {
    "Refused": (apigateway.ResponseType.DEFAULT_4_XX, _Problem(title="The request was refused")),
    "Failed": (apigateway.ResponseType.DEFAULT_5_XX, _Problem(title="The API failed")),
    "BadBody": (
        apigateway.ResponseType.BAD_REQUEST_BODY,
        _Problem(
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            title="Unprocessable Content",
            detail="The body does not fit the request model: $context.error.validationErrorString",
        ),
    ),
    "NoKey": (
        apigateway.ResponseType.INVALID_API_KEY,
        _Problem(
            status=HTTPStatus.FORBIDDEN,
            title="Forbidden",
            detail="A valid API key is needed in the header x-api-key.",
        ),
    ),
    "NoRoute": (
        apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
        _Problem(
            status=HTTPStatus.NOT_FOUND, title="Not Found", detail="There is POST /predict and GET /health."
        ),
    ),
    "Throttled": (
        apigateway.ResponseType.THROTTLED,
        _Problem(status=HTTPStatus.TOO_MANY_REQUESTS, title="Too Many Requests", retry_after=1),
    ),
    "OutOfTime": (
        apigateway.ResponseType.INTEGRATION_TIMEOUT,
        _Problem(status=HTTPStatus.GATEWAY_TIMEOUT, title="Gateway Timeout"),
    ),
}


# API Gateway says the same of an unknown route and, where IAM decides, of a request that is not signed.
_UNSIGNED = {
    "NoRoute": (
        apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
        _Problem(
            status=HTTPStatus.FORBIDDEN,
            title="Forbidden",
            detail="There is POST /predict for requests with an AWS signature (version 4), and GET /health.",
        ),
    ),
}


class GatewayProblems(Construct):
    """The gateway responses of a REST API, all in one shape."""

    def __init__(self, scope: Construct, id: str, *, rest_api: apigateway.IRestApi, auth: Auth) -> None:
        super().__init__(scope, id)
        problems = _PROBLEMS if auth == "key" else {**_PROBLEMS, **_UNSIGNED}
        for name, (kind, problem) in problems.items():
            apigateway.GatewayResponse(
                self,
                name,
                rest_api=rest_api,
                type=kind,
                status_code=str(problem.status.value) if problem.status else None,
                response_headers=problem.headers(),
                templates={"application/json": problem.template()},
            )
