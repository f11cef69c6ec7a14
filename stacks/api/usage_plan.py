"""API key of an API, and its usage plan with the limits of rate, burst and month."""

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from stacks.settings.settings import Settings


def add_api_key(scope: Construct, api: apigateway.RestApi, settings: Settings) -> str:
    """Adds the key and its plan; returns the id of the key.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html

    Args:
        scope: Parent construct.
        api: API that the key opens.
        settings: Settings of the stack.
    """
    key = apigateway.ApiKey(scope, "Key")
    plan = apigateway.UsagePlan(
        scope,
        "UsagePlan",
        throttle=apigateway.ThrottleSettings(
            rate_limit=settings.rate_limit, burst_limit=settings.burst_limit
        ),
        quota=_monthly_quota(settings.monthly_quota),
        api_stages=[apigateway.UsagePlanPerApiStage(api=api, stage=api.deployment_stage)],
    )
    plan.add_api_key(key)
    return key.key_id


def _monthly_quota(requests: int | None) -> apigateway.QuotaSettings | None:
    if requests is None:
        return None
    return apigateway.QuotaSettings(limit=requests, period=apigateway.Period.MONTH)
