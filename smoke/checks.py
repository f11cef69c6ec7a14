"""Smoke test of one stack: all checks and their results."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from api import model_prefixes
from bundle import Manifest
from smoke.account import Account
from smoke.api import api_clients
from smoke.configuration import check_configuration, is_following
from smoke.deployed_stack import find_stack, serving_manifests
from smoke.errors import CheckFailedError
from smoke.response_checks import (
    check_golden,
    check_health,
    check_health_of_several,
    check_refusal,
    check_version,
)

Checks = dict[str, Callable[[], str]]


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """The result of one check.

    Attributes:
        name: The check's name.
        passed: Whether it passed.
        found: What was found, in one sentence.
    """

    name: str
    passed: bool
    found: str

    def line(self, width: int) -> str:
        """Formats the result as one line; line breaks of AWS's messages become spaces.

        Args:
            width: The width of the name column in characters.
        """
        return f"{'✓' if self.passed else '✗'} {self.name:<{width}} {' '.join(self.found.split())}"


class SmokeTest:
    """The checks of one deployed stack.

    Args:
        account: The account and region of the stack.
        manifests: The manifests of the bundles that the stack should serve.
        stack: The stack's name.
        api_url: The URL of the API and its stage, if it differs from the stack's outputs.
        expects_released: Whether the stack should serve the version in its outputs, which may be another than
            that of the manifest.

    Raises:
        NotFoundError: The stack does not exist or is not a prediction service of these models.
        SmokeError: Region or endpoint URL are not valid.
    """

    def __init__(
        self,
        account: Account,
        manifests: Sequence[Manifest],
        *,
        stack: str,
        api_url: str | None = None,
        expects_released: bool = False,
    ) -> None:
        self._account = account
        models = [manifest.name for manifest in manifests]
        self._marks = model_prefixes(models)
        self._stack = find_stack(account.client("cloudformation"), stack, models=models)
        # A function that follows an object in S3 serves another version than that of the outputs.
        is_released = expects_released and not self._follows()
        self._manifests = (
            serving_manifests(account.client("s3"), self._stack, manifests) if is_released else manifests
        )
        self._has_key = "ApiKeyId" in self._stack.outputs
        self._clients = api_clients(account, self._stack, models, api_url=api_url)

    def run(self) -> list[CheckResult]:
        """Runs all checks; a failed check does not stop the others."""
        return [run_check(name, check) for name, check in self._checks().items()]

    def _checks(self) -> Checks:
        checks: Checks = {
            "deployment": self._stack.check_settled,
            "configuration": functools.partial(check_configuration, self._account, self._stack),
            "health": self._check_health,
        }
        for manifest in self._manifests:
            of = f" of {manifest.name}" if self._marks[manifest.name] else ""
            checks |= {f"{name}{of}": check for name, check in self._model_checks(manifest).items()}
        return checks

    def _model_checks(self, manifest: Manifest) -> Checks:
        api = self._clients[manifest.name]
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
        """Whether a function reloads a bundle that is replaced in S3, by its environment in the template."""
        function = self._stack.resource("AWS::Lambda::Function", self._stack.endpoint_name)
        return function is not None and is_following(self._stack.template["Resources"][function.logical_id])

    def _check_health(self) -> str:
        [api, *others] = self._clients.values()
        if others:
            return check_health_of_several(api, self._manifests)
        return check_health(api, self._manifests[0])


def run_check(name: str, check: Callable[[], str]) -> CheckResult:
    """Runs one check and catches its errors.

    Args:
        name: The check's name.
        check: Returns what it found, or raises CheckFailedError.
    """
    try:
        return CheckResult(name=name, passed=True, found=check())
    except CheckFailedError as error:
        return CheckResult(name=name, passed=False, found=str(error))
    except (BotoCoreError, ClientError) as error:
        return CheckResult(name=name, passed=False, found=f"a request to AWS failed: {error}")
