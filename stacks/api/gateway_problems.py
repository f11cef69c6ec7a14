"""Problem documents (RFC 9457) that API Gateway sends without invoking the function: one table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from aws_cdk import aws_apigateway as apigateway

from api import predict_pattern, routes
from bundle import REQUEST_LIMITS, RETRY_AFTER_SECONDS, problem_document

# API Gateway's own message, which it inserts with quotation marks.
_GATEWAY_MESSAGE = "$context.error.messageString"
_MISCONFIGURED = "The API is not set up as it should be, which is no fault of the request."
_NO_ROUTE = "There is {routes}."


@dataclass(frozen=True, kw_only=True)
class GatewayProblem:
    """One gateway response.

    Attributes:
        kind: Response type of API Gateway.
        status: Status code, of the response and in its body.
        detail: Sentence of the problem document with the placeholders {routes} and {predict}, or the
            variable of API Gateway's own message.
        retry_after: Value of Retry-After in seconds; None for no such header.
    """

    kind: apigateway.ResponseType
    status: HTTPStatus
    detail: str
    retry_after: int | None = None

    def template(self, models: Sequence[str], *, has_page: bool) -> str:
        """Returns the body template, in which API Gateway replaces $context variables.

        Args:
            models: Names of all models of the API.
            has_page: Whether the API has the page for people.
        """
        detail = self.detail.format(routes=routes(models, has_page=has_page), predict=predict_pattern(models))
        document = problem_document(self.status, detail) | {"request_id": "$context.requestId"}
        return json.dumps(document).replace(json.dumps(_GATEWAY_MESSAGE), _GATEWAY_MESSAGE)


# Every response type, each with an own status, so that the status in the body is the one of the response.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
GATEWAY_PROBLEMS: Mapping[str, GatewayProblem] = {
    # The remaining 4xx responses: malformed signatures and unknown tokens.
    "Refused": GatewayProblem(
        kind=apigateway.ResponseType.DEFAULT_4_XX, status=HTTPStatus.FORBIDDEN, detail=_GATEWAY_MESSAGE
    ),
    "Failed": GatewayProblem(
        kind=apigateway.ResponseType.DEFAULT_5_XX,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail="The API failed, which is no fault of the request.",
    ),
    "BadBody": GatewayProblem(
        kind=apigateway.ResponseType.BAD_REQUEST_BODY,
        status=HTTPStatus.BAD_REQUEST,
        detail="The body is not a JSON object: send one, or rows with the content type "
        "application/jsonlines or text/csv.",
    ),
    "BadParameters": GatewayProblem(
        kind=apigateway.ResponseType.BAD_REQUEST_PARAMETERS,
        status=HTTPStatus.BAD_REQUEST,
        detail=_GATEWAY_MESSAGE,
    ),
    "NotAuthorized": GatewayProblem(
        kind=apigateway.ResponseType.UNAUTHORIZED,
        status=HTTPStatus.UNAUTHORIZED,
        detail="The request does not say who sends it.",
    ),
    "Denied": GatewayProblem(
        kind=apigateway.ResponseType.ACCESS_DENIED, status=HTTPStatus.FORBIDDEN, detail=_GATEWAY_MESSAGE
    ),
    "Expired": GatewayProblem(
        kind=apigateway.ResponseType.EXPIRED_TOKEN,
        status=HTTPStatus.FORBIDDEN,
        detail="The credentials that the request is signed with have expired: sign it with new ones.",
    ),
    "WronglySigned": GatewayProblem(
        kind=apigateway.ResponseType.INVALID_SIGNATURE, status=HTTPStatus.FORBIDDEN, detail=_GATEWAY_MESSAGE
    ),
    "NoKey": GatewayProblem(
        kind=apigateway.ResponseType.INVALID_API_KEY,
        status=HTTPStatus.FORBIDDEN,
        detail="A valid API key is needed in the header x-api-key.",
    ),
    "Filtered": GatewayProblem(
        kind=apigateway.ResponseType.WAF_FILTERED,
        status=HTTPStatus.FORBIDDEN,
        detail="The firewall in front of the API refused the request.",
    ),
    "NoRoute": GatewayProblem(
        kind=apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
        status=HTTPStatus.NOT_FOUND,
        detail=_NO_ROUTE,
    ),
    "NoResource": GatewayProblem(
        kind=apigateway.ResponseType.RESOURCE_NOT_FOUND,
        status=HTTPStatus.NOT_FOUND,
        detail=_NO_ROUTE,
    ),
    "TooLarge": GatewayProblem(
        kind=apigateway.ResponseType.REQUEST_TOO_LARGE,
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        detail=f"A request may have {REQUEST_LIMITS}: send several requests.",
    ),
    "WrongMediaType": GatewayProblem(
        kind=apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE,
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        detail="The content type is neither application/json, application/jsonlines nor text/csv.",
    ),
    "Throttled": GatewayProblem(
        kind=apigateway.ResponseType.THROTTLED,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        detail="Too many requests at once.",
        retry_after=RETRY_AFTER_SECONDS,
    ),
    "OverQuota": GatewayProblem(
        kind=apigateway.ResponseType.QUOTA_EXCEEDED,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        detail="The quota of this API key is used up.",
        retry_after=3600,
    ),
    "Misconfigured": GatewayProblem(
        kind=apigateway.ResponseType.API_CONFIGURATION_ERROR,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail=_MISCONFIGURED,
    ),
    "NoAuthorizer": GatewayProblem(
        kind=apigateway.ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail=_MISCONFIGURED,
    ),
    "AuthorizerFailed": GatewayProblem(
        kind=apigateway.ResponseType.AUTHORIZER_FAILURE,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail="The API failed to find out who sent the request.",
    ),
    "NotReached": GatewayProblem(
        kind=apigateway.ResponseType.INTEGRATION_FAILURE,
        status=HTTPStatus.BAD_GATEWAY,
        detail="The API could not reach what answers its requests.",
    ),
    "OutOfTime": GatewayProblem(
        kind=apigateway.ResponseType.INTEGRATION_TIMEOUT,
        status=HTTPStatus.GATEWAY_TIMEOUT,
        detail="There was no answer in time.",
    ),
}


# With IAM authorization, API Gateway sends the same response for unknown routes and unsigned requests.
UNSIGNED_PROBLEMS: Mapping[str, GatewayProblem] = {
    "NoRoute": GatewayProblem(
        kind=apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
        status=HTTPStatus.FORBIDDEN,
        detail="There is {routes}; POST {predict} is for requests with an AWS signature (version 4).",
    ),
}
