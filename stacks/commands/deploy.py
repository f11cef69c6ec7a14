"""`python -m stacks.commands.deploy`: checks the account, runs `cdk deploy`, and checks what serves then.

The first checks find errors that AWS would report after minutes: an update that is impossible in place, a
quota that is too small, an image of the wrong format. A check that cannot be made ends the command.
While an endpoint of hosting realtime is updated, it gets a golden row each second through the API.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from api import stack_name_of
from bundle import Manifest
from image.docker_format import FORMAT_ENVIRONMENT
from stacks.commands.after_deployment.live_configuration import DeploymentFailedError, check_deployment
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError, add_account_arguments
from stacks.commands.current_stack import CurrentStack, read_stack, running_instances
from stacks.commands.image_manifest import wrong_manifests
from stacks.commands.instance_quota import check_quotas
from stacks.commands.prepare_bundles import BUNDLE_PROFILE
from stacks.commands.release.current_release import StandingRelease, standing_release
from stacks.commands.stack_update_checks import refused_creation, refused_updates
from stacks.commands.traffic.background_golden_rows import send_golden_rows
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import ROOT, Settings, SettingsError
from terminal_output import (
    escape_unencodable_output,
    interruption_code,
    run_program,
    termination_as_exception,
)

_CDK = ROOT / "node_modules" / ".bin" / "cdk"
_EPILOG = (
    "Passes all other arguments to `cdk deploy`. Exit codes: 0 the stack's configuration serves, 1 another "
    "one serves, the deployment failed, or AWS would refuse it, 130 or 143 interrupted by Ctrl-C or SIGTERM: "
    "CloudFormation goes on."
)


class RefusedDeploymentError(Exception):
    """AWS would refuse the deployment; one line for each reason."""


_ERRORS = (SettingsError, UnreadableAccountError, RefusedDeploymentError, DeploymentFailedError)


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Checks and deploys the stack.

    Args:
        argv: The arguments of the command.
        environment: Credentials, region and settings of the CDK CLI.

    Returns:
        The exit code.
    """
    arguments, others = _parser().parse_known_args(argv)
    try:
        with termination_as_exception():
            return _deploy(arguments, others, environment)
    except _ERRORS as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt as end:
        print("Interrupted. CloudFormation goes on with a deployment that has begun.", file=sys.stderr)
        return interruption_code(end)


def _deploy(arguments: argparse.Namespace, others: Sequence[str], environment: Mapping[str, str]) -> int:
    account = AwsAccount(environment, profile=arguments.profile, region=arguments.region)
    cdk = _Cdk(arguments, environment)
    checked = _check(arguments, environment, account)
    settings = checked.settings
    name, models = settings.stack_name, settings.names
    if code := cdk.publish(checked.context):
        return code
    standing = standing_release(account, settings, checked.deployed)
    _raise(wrong_manifests(account, cdk.assembly, stack=name, hosting=settings.hosting))
    if standing.sentence:
        print(standing.sentence, file=sys.stderr)
    sends_rows = checked.updates_instances and not arguments.no_golden_rows
    traffic = (
        send_golden_rows(
            account,
            name,
            models=models,
            read_manifests=lambda: _serving_manifests(settings, standing),
            api_url=arguments.api_url,
        )
        if sends_rows
        else nullcontext()
    )
    with traffic:
        failed = cdk.deploy([*standing.options, *others]) != 0
    if sentence := check_deployment(account, name, models=models, failed=failed):
        print(sentence)
    return 0


def _serving_manifests(settings: Settings, standing: StandingRelease) -> Sequence[Manifest]:
    """Returns the manifests of the bundles that serve after the deployment."""
    if standing.manifest:
        return [standing.manifest]
    return [archive.bundle.manifest for archive in settings.open_archives()]


class _Checked(NamedTuple):
    """Result of the checks.

    Attributes:
        settings: The settings.
        context: Further context, which follows from the account.
        deployed: The stack that is updated; None for a first deployment.
        updates_instances: Whether its endpoint has instances.
    """

    settings: Settings
    context: dict[str, str]
    deployed: CurrentStack | None
    updates_instances: bool


class _Cdk:
    """The CDK CLI, with the options that several of its commands have."""

    def __init__(self, arguments: argparse.Namespace, environment: Mapping[str, str]) -> None:
        self.assembly = Path(arguments.output).absolute()
        self._context = [
            word for name, value in arguments.context for word in ("--context", f"{name}={value}")
        ]
        self._common = [
            word
            for name in ("profile", "region")
            if (value := getattr(arguments, name))
            for word in (f"--{name}", value)
        ]
        # The CDK CLI gives its application no profile, and the application downloads a bundle in S3.
        profile = {BUNDLE_PROFILE: arguments.profile} if arguments.profile else {}
        self._environment = {**environment, **FORMAT_ENVIRONMENT, **profile}

    def publish(self, found: Mapping[str, str]) -> int:
        """Synthesizes the stack, and builds and pushes its assets; `found` is further context."""
        context = [word for name, value in found.items() for word in ("--context", f"{name}={value}")]
        unstable = "--unstable=publish-assets"
        return self._run("publish-assets", unstable, "--output", str(self.assembly), *self._context, *context)

    def deploy(self, arguments: Sequence[str]) -> int:
        """Deploys the template that was synthesized, with its published assets."""
        return self._run("deploy", "--app", str(self.assembly), *arguments)

    def _run(self, verb: str, *options: str) -> int:
        command = [str(_CDK), verb, *self._common, *options]
        return run_program(command, cwd=ROOT, env=self._environment)


def _check(arguments: argparse.Namespace, environment: Mapping[str, str], account: AwsAccount) -> _Checked:
    """Checks settings and account."""
    context = context_of(arguments)
    settings = Settings.from_context(context)
    _raise(_check_image_builder(settings, environment))
    deployed = read_stack(account, settings.stack_name)
    found = {"previous_hosting": deployed.hosting} if deployed else {}
    if "api_logging_role" not in context:
        found["api_logging_role"] = _logging_role(account, deployed)
    settings = Settings.from_context(context | found)
    instances = running_instances(account, settings.stack_name) if settings.hosting == "realtime" else 0
    if deployed is None:
        _raise(refused_creation(settings, instances=instances))
        _raise(_check_former_name(settings, account))
    else:
        _raise(refused_updates(settings, deployed, instances=instances))
        if deployed.is_paused:
            print(
                f"The stack {deployed.name} is paused and stays so: `make wake` starts it.", file=sys.stderr
            )
    for quota in check_quotas(account, settings, instances=instances):
        if quota.refuses:
            raise RefusedDeploymentError(quota.sentence)
        print(quota.sentence, file=sys.stderr)
    return _Checked(settings, found, deployed, updates_instances=instances > 0)


def _check_image_builder(settings: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    """Finds a missing program that the CDK CLI would build the container image with."""
    builder = environment.get("CDK_DOCKER") or "docker"
    if settings.packaging == "zip" and not settings.is_retrained:
        return
    if not shutil.which(builder, path=environment.get("PATH")):
        without = " and without retrain" if settings.is_retrained else ""
        yield (
            f"This deployment builds a container image, and there is no program {builder}: install Docker, "
            f"set CDK_DOCKER to podman or finch, or deploy a zip with HOSTING=lambda{without}, which needs "
            "neither."
        )


def _logging_role(account: AwsAccount, deployed: CurrentStack | None) -> str:
    """Returns own if the account has no role for API Gateway's logs or this stack set it, else account."""
    if deployed and deployed.sets_logging_role:
        return "own"
    found = account.read("apigateway", "get_account", action="apigateway:GET")
    return "account" if found.get("cloudwatchRoleArn") else "own"


def _check_former_name(settings: Settings, account: AwsAccount) -> Iterator[str]:
    """Finds a stack in stage prod from a version whose default name had no stage in it."""
    former = stack_name_of(settings.names, "dev")
    if settings.stage != "prod" or settings.stack_name != stack_name_of(settings.names, "prod"):
        return
    if (deployed := read_stack(account, former)) and deployed.stage == "prod":
        yield (
            f"The deployed stack {former} is in stage prod, and this deployment would make a second one, "
            f"{settings.stack_name}: set stack_name to {former} in cdk.json to update it, or delete it with "
            f"`make destroy ARGS='-c stage=prod -c stack_name={former}'`."
        )


def _raise(reasons: Iterator[str]) -> None:
    if text := "\n".join(reasons):
        raise RefusedDeploymentError(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.deploy", description=__doc__, epilog=_EPILOG, allow_abbrev=False
    )
    add_context_argument(parser)
    add_account_arguments(parser)
    parser.add_argument("-o", "--output", default=ROOT / "cdk.out", help="the folder of the cloud assembly")
    parser.add_argument(
        "--no-golden-rows", action="store_true", help="send no golden rows while the endpoint is updated"
    )
    parser.add_argument(
        "--api-url",
        metavar="URL",
        help="the URL of the API and its stage for golden rows (default: by the stack's outputs)",
    )
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
