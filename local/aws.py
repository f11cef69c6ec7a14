"""Where one AWS on this machine is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).parents[1]

# One account and one region, MiniStack's defaults: everything here is in them.
ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class LocalAws:
    """One AWS on this machine: the port it listens on and the folder of everything it writes."""

    port: int
    state: Path

    @property
    def url(self) -> str:
        """The address every AWS client is pointed at."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the server writes."""
        return self.state / "local.log"

    @property
    def pid_file(self) -> Path:
        """The process group and the port of what is up, as JSON."""
        return self.state / "local.pid"

    @property
    def lock_file(self) -> Path:
        """Held by the processes that are up, for as long as one of them lives."""
        return self.state / "local.lock"

    @property
    def outputs(self) -> Path:
        """The outputs of the last deployment, as the CDK CLI writes them."""
        return self.state / "outputs.json"

    def client(self, service: str) -> Any:
        """A boto3 client of one service here."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - any word does: nothing here checks it
        )
