import pytest

from local.iam.lambda_actions import lambda_action

FUNCTION = "/2015-03-31/functions/one"


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", f"{FUNCTION}/aliases", "ListAliases"),
        ("POST", f"{FUNCTION}/aliases", "CreateAlias"),
        ("GET", f"{FUNCTION}/aliases/live", "GetAlias"),
        ("PUT", f"{FUNCTION}/aliases/live", "UpdateAlias"),
        ("DELETE", f"{FUNCTION}/aliases/live", "DeleteAlias"),
        ("GET", "/2019-09-30/functions/one/provisioned-concurrency", "GetProvisionedConcurrencyConfig"),
        ("GET", FUNCTION, None),
        ("POST", f"{FUNCTION}/invocations", None),
        ("GET", "/2015-03-31/layers/aliases/x", None),
    ],
)
def test_the_action_of_a_request_on_an_alias(method: str, path: str, action: str | None) -> None:
    assert lambda_action(method, path) == action
