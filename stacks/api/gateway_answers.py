"""What API Gateway answers by itself: the one table of its problems."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from aws_cdk import aws_apigateway as apigateway

from api import predict_pattern, routes
from bundle import MAX_BODY_BYTES, MAX_ROWS

# In quotation marks that API Gateway puts there.
_IN_ITS_WORDS = "$context.error.messageString"
# Python 3.13 renamed it, and a template must not depend on who synthesizes it.
_TITLES = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large"}
_OURS = "The API is not set up as it should be, which is no fault of the request."


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One kind of answer.

    Attributes:
        kind: What API Gateway calls it.
        status: What it is sent with.
        detail: A sentence, where {routes} and {predict} stand for what can be asked; or where API Gateway
            knows more, its own words.
        retry_after: Seconds after which to try again.
    """

    kind: apigateway.ResponseType
    status: HTTPStatus
    detail: str
    retry_after: int | None = None

    def template(self, models: Sequence[str]) -> str:
        """The body; API Gateway puts in its variables, and nothing else: there is no logic in it.

        Args:
            models: The names of all models that can be asked.
        """
        detail = self.detail.format(routes=routes(models), predict=predict_pattern(models))
        document = {
            "type": "about:blank",
            "title": _TITLES.get(self.status, self.status.phrase),
            "status": self.status.value,
            "detail": detail,
            "request_id": "$context.requestId",
        }
        return json.dumps(document).replace(json.dumps(_IN_ITS_WORDS), _IN_ITS_WORDS)


# All that there are, each with its status, so that the status in the body is the one that is sent.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
PROBLEMS: Mapping[str, Problem] = {
    # What is left of 4xx are signatures that cannot be read and tokens that nobody knows.
    "Refused": Problem(
        kind=apigateway.ResponseType.DEFAULT_4_XX, status=HTTPStatus.FORBIDDEN, detail=_IN_ITS_WORDS
    ),
    "Failed": Problem(
        kind=apigateway.ResponseType.DEFAULT_5_XX,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail="The API failed, which is no fault of the request.",
    ),
    "BadBody": Problem(
        kind=apigateway.ResponseType.BAD_REQUEST_BODY,
        status=HTTPStatus.BAD_REQUEST,
        detail="The body is not a JSON object: send one, or rows of CSV with the content type text/csv.",
    ),
    "BadParameters": Problem(
        kind=apigateway.ResponseType.BAD_REQUEST_PARAMETERS,
        status=HTTPStatus.BAD_REQUEST,
        detail=_IN_ITS_WORDS,
    ),
    "NotAuthorized": Problem(
        kind=apigateway.ResponseType.UNAUTHORIZED,
        status=HTTPStatus.UNAUTHORIZED,
        detail="The request does not say who sends it.",
    ),
    "Denied": Problem(
        kind=apigateway.ResponseType.ACCESS_DENIED, status=HTTPStatus.FORBIDDEN, detail=_IN_ITS_WORDS
    ),
    "Expired": Problem(
        kind=apigateway.ResponseType.EXPIRED_TOKEN,
        status=HTTPStatus.FORBIDDEN,
        detail="The credentials that the request is signed with have expired: sign it with new ones.",
    ),
    "WronglySigned": Problem(
        kind=apigateway.ResponseType.INVALID_SIGNATURE, status=HTTPStatus.FORBIDDEN, detail=_IN_ITS_WORDS
    ),
    "NoKey": Problem(
        kind=apigateway.ResponseType.INVALID_API_KEY,
        status=HTTPStatus.FORBIDDEN,
        detail="A valid API key is needed in the header x-api-key.",
    ),
    "Filtered": Problem(
        kind=apigateway.ResponseType.WAF_FILTERED,
        status=HTTPStatus.FORBIDDEN,
        detail="The firewall in front of the API refused the request.",
    ),
    "NoRoute": Problem(
        kind=apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
        status=HTTPStatus.NOT_FOUND,
        detail="There is {routes}.",
    ),
    "NoResource": Problem(
        kind=apigateway.ResponseType.RESOURCE_NOT_FOUND,
        status=HTTPStatus.NOT_FOUND,
        detail="There is {routes}.",
    ),
    "TooLarge": Problem(
        kind=apigateway.ResponseType.REQUEST_TOO_LARGE,
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        detail=f"A request may have {MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes: send several requests.",
    ),
    "WrongMediaType": Problem(
        kind=apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE,
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        detail="The content type is neither application/json nor text/csv.",
    ),
    "Throttled": Problem(
        kind=apigateway.ResponseType.THROTTLED,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        detail="Too many requests at once.",
        retry_after=1,
    ),
    "OverQuota": Problem(
        kind=apigateway.ResponseType.QUOTA_EXCEEDED,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        detail="The quota of this API key is used up.",
        retry_after=3600,
    ),
    "Misconfigured": Problem(
        kind=apigateway.ResponseType.API_CONFIGURATION_ERROR,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail=_OURS,
    ),
    "NoAuthorizer": Problem(
        kind=apigateway.ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail=_OURS,
    ),
    "AuthorizerFailed": Problem(
        kind=apigateway.ResponseType.AUTHORIZER_FAILURE,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        detail="The API failed to find out who sent the request.",
    ),
    "NotReached": Problem(
        kind=apigateway.ResponseType.INTEGRATION_FAILURE,
        status=HTTPStatus.BAD_GATEWAY,
        detail="The API could not reach what answers its requests.",
    ),
    "OutOfTime": Problem(
        kind=apigateway.ResponseType.INTEGRATION_TIMEOUT,
        status=HTTPStatus.GATEWAY_TIMEOUT,
        detail="There was no answer in time.",
    ),
}


# API Gateway says the same of an unknown route and, where IAM decides, of a request that is not signed.
UNSIGNED: Mapping[str, Problem] = {
    "NoRoute": Problem(
        kind=apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN,
        status=HTTPStatus.FORBIDDEN,
        detail="There is {routes}; POST {predict} is for requests with an AWS signature (version 4).",
    ),
}
