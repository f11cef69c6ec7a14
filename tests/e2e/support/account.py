"""AWS on this machine, used by the commands that a person types and asked over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from local.deployments.cdk import Cdk
from local.deployments.deployed_stacks import find
from local.deployments.deployment import Deployment
from local.local_aws import LocalAws
from local.processes import lifecycle
from tests.e2e.support.cloud_assembly import create_stack, has_stack, update_stack
from tests.e2e.support.reserved_port import reserve_port
from tests.forking_python import run_module
from tests.local.polling import PATIENT_WAITER

ROOT = Path(__file__).parents[3]

_MOST_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP response.

    Attributes:
        status: HTTP status.
        type: Content type.
        body: The body, decoded from JSON.
    """

    status: int
    type: str
    body: Any


@dataclass(frozen=True, kw_only=True)
class Account:
    """AWS on this machine with a state folder and a port of its own.

    Attributes:
        state: Folder of everything it writes.
        root: The checkout whose commands are run.
        port: Port it listens on.
        is_validated: Whether the CDK validates each template by CloudFormation's schema, which takes most of
            the time of a deployment; the tests of stacks/ and of the README's first commands do it.
    """

    state: Path
    root: Path = ROOT
    is_validated: bool = False
    port: int = field(default_factory=reserve_port)

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that lead the commands to this AWS."""
        place = {"LOCAL_PORT": str(self.port), "LOCAL_STATE": str(self.state)}
        return os.environ | place | ({} if self.is_validated else {"CDK_VALIDATION": "false"})

    @property
    def aws(self) -> LocalAws:
        """Clients of this AWS."""
        return LocalAws(port=self.port, state=self.state)

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command in the checkout; with `check` it must exit 0."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_MOST_SECONDS,
        )
        return _checked(done) if check else done

    def local(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs `python -m local ...`."""
        if self.root != ROOT:
            return self.run(sys.executable, "-m", "local", *command, check=check)
        done = run_module("local", command, cwd=ROOT, env=self.environment, timeout=_MOST_SECONDS)
        return _checked(done) if check else done

    def start(self) -> None:
        """Starts it as `python -m local up` does, without a process of its own for that."""
        lifecycle.up(self.aws, environ=self.environment)

    def stop(self) -> None:
        """Stops it as `python -m local down` does."""
        lifecycle.down(self.aws)

    def deploy(self, bundle: Path, *, model: str = "tiny", **settings: str) -> dict[str, str]:
        """Deploys a bundle; see `deploy_bundles`.

        Args:
            bundle: The archive to deploy.
            model: Name of its model.
            **settings: More settings of the stack.

        Returns:
            The outputs of the stack.
        """
        return self.deploy_bundles({model: bundle}, model=model, **settings)

    def deploy_bundles(self, bundles: Mapping[str, Path], **settings: str) -> dict[str, str]:
        """Deploys bundles, by the names of their models, as in `deploy`.

        Synthesizes the stack in this process, and CloudFormation creates or updates it without the CDK CLI.
        The starts of Python and of Node.js would take most of the processor time of a deployment.
        test_update.py, test_promote.py, test_models.py, test_newcomer.py, test_platform.py and guardrails/
        deploy with the commands of a person.

        Raises:
            WaiterError: The creation failed.
            FailedUpdateError: The update failed.
        """
        # Imported here, because the import starts Node.js.
        from tests.stacks.support.synthesis import synthesize

        # The folder in which `python -m local deploy` writes it.
        assembly, wanted = self.state / "cdk.out", dict[str, Any](settings)
        [stack] = synthesize(assembly, bundles=bundles, **wanted).stacks
        if has_stack(self.aws, stack):
            update_stack(self.aws, assembly, stack)
        else:
            Cdk(self.aws, environ=self.environment, app=self.root).bootstrap()
            create_stack(self.aws, assembly, stack)
        return self.outputs()

    def outputs(self) -> dict[str, str]:
        """The outputs of the last deployment."""
        stacks: dict[str, dict[str, str]] = json.loads((self.state / "outputs.json").read_text())
        return next(iter(stacks.values()))

    def find(self, model: str = "tiny") -> Deployment:
        """The deployed stack of a model."""
        return find(self.aws, model=model)

    def delete_stack(self, name: str) -> None:
        """Deletes a stack as `cdk destroy` does, without its synth, which takes most of the time."""
        cloudformation = self.aws.client("cloudformation")
        cloudformation.delete_stack(StackName=name)
        waiter = cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=name, WaiterConfig=PATIENT_WAITER)

    def resources(self) -> list[str]:
        """Names of all endpoints, models, APIs, functions and log groups."""
        sagemaker, functions = self.aws.client("sagemaker"), self.aws.client("lambda")
        return [
            *(found["EndpointName"] for found in sagemaker.list_endpoints()["Endpoints"]),
            *(found["ModelName"] for found in sagemaker.list_models()["Models"]),
            *(found["EndpointConfigName"] for found in sagemaker.list_endpoint_configs()["EndpointConfigs"]),
            *(found["name"] for found in self.aws.client("apigateway").get_rest_apis()["items"]),
            *(found["FunctionName"] for found in functions.list_functions()["Functions"]),
            *(found["logGroupName"] for found in self.aws.client("logs").describe_log_groups()["logGroups"]),
        ]


def _checked(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """Returns a command that has succeeded."""
    assert done.returncode == 0, f"{done.args} exited {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def context(**settings: str) -> list[str]:
    """Settings as arguments of the CDK CLI."""
    return [word for name, value in settings.items() for word in ("--context", f"{name}={value}")]


def call(method: str, url: str, *, body: Any = None, key: str | None = None) -> Answer:
    """Sends a JSON request with an API key, if one is given."""
    headers = {"content-type": "application/json"} | ({"x-api-key": key} if key else {})
    data = None if body is None else json.dumps(body).encode()
    response = urllib3.request(method, url, body=data, headers=headers, timeout=30, retries=False)
    return Answer(
        status=response.status,
        type=response.headers.get("content-type", ""),
        body=json.loads(response.data),
    )
