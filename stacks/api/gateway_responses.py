"""Gateway responses of the REST API, as problem documents (RFC 9457)."""

from collections.abc import Sequence

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from api import EXPOSED_HEADERS, Auth
from bundle import PROBLEM_MEDIA_TYPE
from stacks.api.gateway_problems import GATEWAY_PROBLEMS, UNSIGNED_PROBLEMS, GatewayProblem


class GatewayResponses(Construct):
    """Gateway responses of a REST API, with CORS headers for the allowed origins."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        rest_api: apigateway.IRestApi,
        models: Sequence[str],
        auth: Auth,
        has_page: bool,
        cors_origins: Sequence[str],
    ) -> None:
        super().__init__(scope, id)
        problems = GATEWAY_PROBLEMS if auth == "key" else {**GATEWAY_PROBLEMS, **UNSIGNED_PROBLEMS}
        for name, problem in problems.items():
            apigateway.GatewayResponse(
                self,
                name,
                rest_api=rest_api,
                type=problem.kind,
                status_code=str(problem.status.value),
                response_headers=_headers(problem) | _cors_headers(cors_origins),
                templates={"application/json": problem.template(models, has_page=has_page)},
            )


def _headers(problem: GatewayProblem) -> dict[str, str]:
    headers = {"Content-Type": f"'{PROBLEM_MEDIA_TYPE}'", "x-request-id": "context.requestId"}
    return headers | ({"Retry-After": f"'{problem.retry_after}'"} if problem.retry_after else {})


def _cors_headers(origins: Sequence[str]) -> dict[str, str]:
    if not origins:
        return {}
    return {
        "Access-Control-Allow-Origin": _allow_origin(origins),
        "Access-Control-Expose-Headers": f"'{', '.join(EXPOSED_HEADERS)}'",
        "Vary": "'Origin'",
    }


def _allow_origin(origins: Sequence[str]) -> str:
    # A gateway response cannot select one of several origins; its content is not confidential.
    return f"'{origins[0]}'" if len(origins) == 1 else "method.request.header.Origin"
