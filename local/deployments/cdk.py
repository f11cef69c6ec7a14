"""CDK CLI: deploys to AWS on this machine, and to no other AWS."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from local.deployments.cdk_progress import CdkProgress
from local.errors import CdkError
from local.local_aws import ROOT, LocalAws
from local.process_environment import isolated
from terminal_output import started_program

_QUIET = ("--no-notices", "--no-version-reporting")
_BOOTSTRAP_STACK = "CDKToolkit"
_BOOTSTRAP_TEMPLATE = (
    ROOT / "node_modules" / "aws-cdk" / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
)
# The parameters that `cdk bootstrap` passes without options.
_BOOTSTRAP = {"FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY", "PublicAccessBlockConfiguration": "true"}


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
        if _program().exists():
            self.bootstrap()
        output = ("--output", str(self._aws.state / "cdk.out"), "--outputs-file", str(self._aws.outputs))
        self._run("deploy", *output, *_APPROVED, *arguments)

    def bootstrap(self) -> None:
        """Creates the stack of `cdk bootstrap` from the CLI's template, unless it exists.

        The CLI itself needs seconds.
        """
        cloudformation = self._aws.client("cloudformation")
        parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in _BOOTSTRAP.items()]
        # Another command may be creating it.
        with suppress(cloudformation.exceptions.AlreadyExistsException):
            cloudformation.create_stack(
                StackName=_BOOTSTRAP_STACK,
                TemplateBody=_BOOTSTRAP_TEMPLATE.read_text(encoding="utf-8"),
                Parameters=parameters,
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
        waiter = cloudformation.get_waiter("stack_create_complete")
        waiter.wait(StackName=_BOOTSTRAP_STACK, WaiterConfig={"Delay": 0.2})

    def destroy(self, arguments: Sequence[str] = ()) -> None:
        """Deletes the application's one stack.

        Args:
            arguments: Further options of the CLI, such as --context name=value.

        Raises:
            CdkError: The CLI is not installed, or it exited with an error, which it has printed.
        """
        self._run("destroy", "--output", str(self._aws.state / "deleted_stack"), "--force", *arguments)

    def _run(self, verb: str, *arguments: str) -> None:
        program = _program()
        if not program.exists():
            raise CdkError(
                "The CDK CLI is not in node_modules: `make run` installs the version that package.json pins."
            )
        command = [str(program), verb, *arguments, *_QUIET]
        with started_program(
            command,
            cwd=self._app,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            CdkProgress(self._aws.cdk_log, show=_print_progress).follow(process.stdout or ())
        if process.returncode != 0:
            raise CdkError(
                f"cdk {verb} exited with code {process.returncode}: see above, {self._aws.cdk_log} (all of "
                f"its output) and {self._aws.log}."
            )


def _print_progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


_APPROVED = ("--require-approval", "never")


def _program() -> Path:
    return ROOT / "node_modules" / ".bin" / "cdk"
