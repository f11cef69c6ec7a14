"""All checks of one stack."""

import functools
from collections.abc import Callable

from bundle import Manifest
from smoke.account import Account
from smoke.answers import check_golden, check_health, check_refusal, check_version
from smoke.api import Api, Authorize, with_key, with_signature
from smoke.check import Check, attempt
from smoke.endpoint import check_endpoint
from smoke.errors import UnprovenError
from smoke.function import check_function
from smoke.stack import find_stack


class Proof:
    """What can be proven of one deployed stack.

    Args:
        account: Whose stack.
        stack: The stack's name.
        api_url: Where its API is reached, up to the stage, when that is not at the API's own name.

    Raises:
        NotFoundError: There is no such stack of ours.
        SmokeError: The environment leads to no AWS.
    """

    def __init__(self, account: Account, *, stack: str, api_url: str | None = None) -> None:
        self._account = account
        self._stack = find_stack(account.client("cloudformation"), stack)
        self._has_key = "ApiKeyId" in self._stack.outputs
        self._api = Api(
            predict_url=_at(api_url, self._stack.outputs["PredictUrl"]),
            health_url=_at(api_url, self._stack.outputs["HealthUrl"]),
            authorize=self._authorize(),
        )

    def checks(self, manifest: Manifest) -> list[Check]:
        """Check all of it, whatever fails on the way.

        Args:
            manifest: Of the bundle the stack should serve.
        """
        return [attempt(name, check) for name, check in self._checks(manifest).items()]

    def _checks(self, manifest: Manifest) -> dict[str, Callable[[], str]]:
        api = self._api
        output, without = self._stack.outputs["ModelVersion"], "the key" if self._has_key else "a signature"
        return {
            "deployment": self._stack.check_settled,
            "configuration": self._check_configuration,
            "health": functools.partial(check_health, api, manifest),
            "version": functools.partial(check_version, api, manifest, output=output),
            "golden rows": functools.partial(check_golden, api, manifest),
            "refusal": functools.partial(check_refusal, api, manifest, without=without),
        }

    def _check_configuration(self) -> str:
        name = self._stack.outputs["EndpointName"]
        if config := self._stack.resource("AWS::SageMaker::EndpointConfig"):
            return check_endpoint(self._account.client("sagemaker"), name=name, config=config.physical_id)
        if function := self._stack.resource("AWS::Lambda::Function", name):
            template = self._stack.template["Resources"][function.logical_id]
            return check_function(self._account.client("lambda"), name=name, template=template)
        raise UnprovenError(f"{name} is neither an endpoint nor a function of the stack")

    def _authorize(self) -> Authorize:
        if self._has_key:
            return with_key(self._account.api_key(self._stack.outputs["ApiKeyId"]))
        return with_signature(self._account.credentials, self._account.region)


def _at(api_url: str | None, url: str) -> str:
    return url if api_url is None else f"{api_url.rstrip('/')}/{url.rpartition('/')[2]}"
