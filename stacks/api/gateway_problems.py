"""What the API answers by itself, as problem details (RFC 9457)."""

from collections.abc import Sequence

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from api import Auth
from stacks.api.gateway_answers import PROBLEMS, UNSIGNED, Problem

_EXPOSED = "x-model-version, x-request-id, retry-after"


class GatewayProblems(Construct):
    """The gateway responses of a REST API, in one shape, and readable for pages of the allowed origins."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        rest_api: apigateway.IRestApi,
        models: Sequence[str],
        auth: Auth,
        cors_origins: Sequence[str],
    ) -> None:
        super().__init__(scope, id)
        problems = PROBLEMS if auth == "key" else {**PROBLEMS, **UNSIGNED}
        for name, problem in problems.items():
            apigateway.GatewayResponse(
                self,
                name,
                rest_api=rest_api,
                type=problem.kind,
                status_code=str(problem.status.value),
                response_headers=_headers(problem) | _cors_headers(cors_origins),
                templates={"application/json": problem.template(models)},
            )


def _headers(problem: Problem) -> dict[str, str]:
    headers = {"Content-Type": "'application/problem+json'", "x-request-id": "context.requestId"}
    return headers | ({"Retry-After": f"'{problem.retry_after}'"} if problem.retry_after else {})


def _cors_headers(origins: Sequence[str]) -> dict[str, str]:
    if not origins:
        return {}
    return {
        "Access-Control-Allow-Origin": _allowed(origins),
        "Access-Control-Expose-Headers": f"'{_EXPOSED}'",
        "Vary": "'Origin'",
    }


def _allowed(origins: Sequence[str]) -> str:
    # A gateway response cannot choose among several; what it says is no secret of anyone's.
    return f"'{origins[0]}'" if len(origins) == 1 else "method.request.header.Origin"
