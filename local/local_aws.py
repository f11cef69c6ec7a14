"""Address, files and boto3 clients of AWS on this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).parents[1]

# MiniStack's defaults. All resources are in this account and region.
ACCOUNT = "000000000000"
REGION = "us-east-1"

# The keys of the one IAM user. They are the example of AWS's documentation, and valid in this emulator only:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds-programmatic-access.html
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105 - see above

LOOPBACK_ADDRESS = "127.0.0.1"


# The emulator answers GET on this path with its record of IAM's decisions.
DECISIONS_PATH = "/_local/decisions"


@dataclass(frozen=True, kw_only=True)
class LocalAws:
    """One emulated AWS on this machine.

    Attributes:
        port: The port that it listens on.
        state: The folder of all files that it writes.
    """

    port: int
    state: Path

    @property
    def url(self) -> str:
        """The endpoint URL for AWS clients."""
        return f"http://{LOOPBACK_ADDRESS}:{self.port}"

    @property
    def log(self) -> Path:
        """The log file of the server."""
        return self.state / "local.log"

    @property
    def cdk_log(self) -> Path:
        """The output of the last command of the CDK CLI."""
        return self.state / "cdk.log"

    @property
    def pid_file(self) -> Path:
        """A JSON file with the id of the process group and the port."""
        return self.state / "local.pid"

    @property
    def lock_file(self) -> Path:
        """The file that is locked while a process of the emulator runs."""
        return self.state / "local.lock"

    @property
    def outputs(self) -> Path:
        """The stack outputs of the last deployment, written by the CDK CLI."""
        return self.state / "outputs.json"

    def client(
        self,
        service: str,
        *,
        access_key_id: str = ACCESS_KEY_ID,
        secret_access_key: str = SECRET_ACCESS_KEY,
        session_token: str | None = None,
    ) -> Any:
        """Creates a boto3 client of a service, with the keys of the IAM user or of a role session."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=access_key_id,
            aws_secret_access_key=secret_access_key,
            aws_session_token=session_token,
        )
