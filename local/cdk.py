"""The real CDK CLI, pointed at AWS on this machine."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from botocore.exceptions import ClientError

from local.aws import ACCOUNT, REGION, ROOT, LocalAws
from local.environment import isolated
from local.errors import CdkError

_QUIET = ("--no-notices", "--no-version-reporting")
_BOOTSTRAP_STACK = "CDKToolkit"


class Cdk:
    """The CDK CLI of node_modules, without a way to any other AWS.

    Args:
        aws: Where it deploys to.
        environ: The user's environment.
        app: The folder of the CDK application, where cdk.json is.
    """

    def __init__(self, aws: LocalAws, *, environ: Mapping[str, str], app: Path = ROOT) -> None:
        self._aws = aws
        self._app = app
        self._environment = isolated(environ) | {
            "AWS_ENDPOINT_URL": aws.url,
            # Programs of the virtual environment first: Python for the application, Node for the CLI.
            "PATH": f"{Path(sys.executable).parent}:{environ.get('PATH', '')}",
            # The coreutils program: publishing an image asset succeeds and no image is built.
            "CDK_DOCKER": "true",
            "CDK_HOME": str(aws.state / "cdk"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
        }

    def deploy(self, arguments: Sequence[str] = ()) -> None:
        """Deploy the application's one stack, after bootstrapping where that was not done yet.

        Args:
            arguments: More for the CLI, as --context name=value.

        Raises:
            CdkError: The CLI is not installed, or ended with an error, which it has shown itself.
        """
        if not self._is_bootstrapped():
            # Away from the application, which the CLI would make a template of for nothing.
            self._run("bootstrap", f"aws://{ACCOUNT}/{REGION}", folder=self._aws.state)
        self._run("deploy", *self._output(), "--outputs-file", str(self._aws.outputs), *_APPROVED, *arguments)

    def destroy(self, arguments: Sequence[str] = ()) -> None:
        """Delete the application's one stack.

        Args:
            arguments: More for the CLI, as --context name=value.

        Raises:
            CdkError: The CLI is not installed, or ended with an error, which it has shown itself.
        """
        self._run("destroy", *self._output(), "--force", *arguments)

    def _is_bootstrapped(self) -> bool:
        try:
            self._aws.client("cloudformation").describe_stacks(StackName=_BOOTSTRAP_STACK)
        except ClientError:
            return False
        return True

    def _output(self) -> tuple[str, str]:
        return "--output", str(self._aws.state / "cdk.out")

    def _run(self, verb: str, *arguments: str, folder: Path | None = None) -> None:
        program = ROOT / "node_modules" / ".bin" / "cdk"
        if not program.exists():
            raise CdkError(
                "The CDK CLI is not in node_modules: `make run` installs the version that is pinned."
            )
        command = [str(program), verb, *arguments, *_QUIET]
        code = subprocess.run(command, cwd=folder or self._app, env=self._environment, check=False).returncode
        if code != 0:
            raise CdkError(f"cdk {verb} ended with exit code {code}: see above, and {self._aws.log}.")


_APPROVED = ("--require-approval", "never")
