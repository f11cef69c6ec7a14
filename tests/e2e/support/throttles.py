"""Throttles of a deployed API."""

from tests.e2e.support.account import Account

# No test sends that many requests.
RATE, BURST = "10000", "5000"


def lift_throttles(account: Account) -> None:
    """Sets the throttles of every API to the account's, for tests that send many requests at once."""
    client = account.aws.client("apigateway")
    limits = [("rateLimit", RATE), ("burstLimit", BURST)]
    for api in client.get_rest_apis()["items"]:
        [stage] = client.get_stages(restApiId=api["id"])["item"]
        operations = [
            {"op": "replace", "path": f"/{_escaped(method)}/throttling/{limit}", "value": value}
            for method in stage["methodSettings"]
            for limit, value in limits
        ]
        client.update_stage(restApiId=api["id"], stageName=stage["stageName"], patchOperations=operations)
    for plan in client.get_usage_plans()["items"]:
        operations = [
            {"op": "replace", "path": f"/throttle/{limit}", "value": value} for limit, value in limits
        ]
        client.update_usage_plan(usagePlanId=plan["id"], patchOperations=operations)


def _escaped(method: str) -> str:
    """Returns a method as in the path of a patch, in which ~1 is a slash of the resource's path."""
    path, verb = method.rsplit("/", 1)
    return f"{path.replace('/', '~1')}/{verb}"
