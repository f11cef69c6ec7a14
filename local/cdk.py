"""CDK CLI: deploys to AWS on this machine, and to no other AWS."""

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
    """The CDK CLI of node_modules.

    Args:
        aws: The AWS to deploy to.
        environ: The user's environment.
        app: The folder of the CDK application, with cdk.json.
    """

    def __init__(self, aws: LocalAws, *, environ: Mapping[str, str], app: Path = ROOT) -> None:
        self._aws = aws
        self._app = app
        self._environment = isolated(environ) | {
            "AWS_ENDPOINT_URL": aws.url,
            # The virtual environment has the Python of the application and the Node of the CLI.
            "PATH": f"{Path(sys.executable).parent}:{environ.get('PATH', '')}",
            # With /bin/true as Docker, the CLI publishes image assets without building an image.
            "CDK_DOCKER": "true",
            "CDK_HOME": str(aws.state / "cdk"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
        }

    def deploy(self, arguments: Sequence[str] = ()) -> None:
        """Deploys the application's one stack; bootstraps the AWS first if necessary.

        Args:
            arguments: Further options of the CLI, such as --context name=value.

        Raises:
            CdkError: The CLI is not installed, or it exited with an error, which it has printed.
        """
        if not self._is_bootstrapped():
            # In the application's folder the CLI would synthesize the application, which is not needed.
            self._run("bootstrap", f"aws://{ACCOUNT}/{REGION}", folder=self._aws.state)
        self._run("deploy", *self._output(), "--outputs-file", str(self._aws.outputs), *_APPROVED, *arguments)

    def destroy(self, arguments: Sequence[str] = ()) -> None:
        """Deletes the application's one stack.

        Args:
            arguments: Further options of the CLI, such as --context name=value.

        Raises:
            CdkError: The CLI is not installed, or it exited with an error, which it has printed.
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
                "The CDK CLI is not in node_modules: `make run` installs the version that package.json pins."
            )
        command = [str(program), verb, *arguments, *_QUIET]
        code = subprocess.run(command, cwd=folder or self._app, env=self._environment, check=False).returncode
        if code != 0:
            raise CdkError(f"cdk {verb} exited with code {code}: see its output above, and {self._aws.log}.")


_APPROVED = ("--require-approval", "never")
