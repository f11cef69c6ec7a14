"""All checks of one stack."""

import functools
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from api import model_prefixes
from bundle import Manifest
from smoke.account import Account
from smoke.answers import (
    check_golden,
    check_health,
    check_health_of_several,
    check_refusal,
    check_version,
)
from smoke.api import Api, Authorize, with_key, with_signature
from smoke.check import Check, attempt
from smoke.endpoint import check_endpoint
from smoke.errors import UnprovenError
from smoke.function import check_function, is_following
from smoke.stack import find_stack

Checks = dict[str, Callable[[], str]]


class Proof:
    """What can be proven of one deployed stack.

    Args:
        account: Whose stack.
        manifests: Of the bundles the stack should serve.
        stack: The stack's name.
        api_url: Where its API is reached, up to the stage, when that is not at the API's own name.

    Raises:
        NotFoundError: There is no such stack of ours.
        SmokeError: The environment leads to no AWS.
    """

    def __init__(
        self, account: Account, manifests: Sequence[Manifest], *, stack: str, api_url: str | None = None
    ) -> None:
        self._account = account
        self._manifests = manifests
        models = [manifest.name for manifest in manifests]
        self._marks = model_prefixes(models)
        self._stack = find_stack(account.client("cloudformation"), stack, models=models)
        self._has_key = "ApiKeyId" in self._stack.outputs
        self._apis = self._reach(api_url)

    def checks(self) -> list[Check]:
        """Check all of it, whatever fails on the way."""
        return [attempt(name, check) for name, check in self._checks().items()]

    def _checks(self) -> Checks:
        checks: Checks = {
            "deployment": self._stack.check_settled,
            "configuration": self._check_configuration,
            "health": self._check_health,
        }
        for manifest in self._manifests:
            of = f" of {manifest.name}" if self._marks[manifest.name] else ""
            checks |= {f"{name}{of}": check for name, check in self._of_the_model(manifest).items()}
        return checks

    def _of_the_model(self, manifest: Manifest) -> Checks:
        api = self._apis[manifest.name]
        output = self._stack.outputs["ModelVersion" + self._marks[manifest.name]]
        without = "the key" if self._has_key else "a signature"
        return {
            "version": functools.partial(
                check_version, api, manifest, output=output, follows=self._follows()
            ),
            "golden rows": functools.partial(check_golden, api, manifest),
            "refusal": functools.partial(check_refusal, api, manifest, without=without),
        }

    def _follows(self) -> bool:
        """Whether a function follows a bundle in S3, as its environment in the template says."""
        function = self._stack.resource("AWS::Lambda::Function", self._stack.outputs["EndpointName"])
        return function is not None and is_following(self._stack.template["Resources"][function.logical_id])

    def _check_health(self) -> str:
        [api, *others] = self._apis.values()
        if others:
            return check_health_of_several(api, self._manifests)
        return check_health(api, self._manifests[0])

    def _check_configuration(self) -> str:
        name = self._stack.outputs["EndpointName"]
        if config := self._stack.resource("AWS::SageMaker::EndpointConfig"):
            return check_endpoint(self._account.client("sagemaker"), name=name, config=config.physical_id)
        if function := self._stack.resource("AWS::Lambda::Function", name):
            template = self._stack.template["Resources"][function.logical_id]
            return check_function(self._account.client("lambda"), name=name, template=template)
        raise UnprovenError(f"{name} is neither an endpoint nor a function of the stack")

    def _reach(self, api_url: str | None) -> dict[str, Api]:
        outputs, authorize = self._stack.outputs, self._authorize()
        return {
            model: Api(
                predict_url=_at(api_url, outputs["PredictUrl" + mark]),
                health_url=_at(api_url, outputs["HealthUrl"]),
                authorize=authorize,
            )
            for model, mark in self._marks.items()
        }

    def _authorize(self) -> Authorize:
        if self._has_key:
            return with_key(self._account.api_key(self._stack.outputs["ApiKeyId"]))
        return with_signature(self._account.credentials, self._account.region)


def _at(api_url: str | None, url: str) -> str:
    if api_url is None:
        return url
    # After the stage, which ends the other URL.
    return f"{api_url.rstrip('/')}/{urlsplit(url).path.split('/', 2)[2]}"
