"""The machines of one training job."""

import socket
import time

import msgspec

from training.plan import Cluster
from training.sagemaker.errors import ContractError

# Within a job all ports are open between its instances.
PORT = 12400
WAIT_SECONDS = 300.0
_POLL_SECONDS = 0.5


class Hosts(msgspec.Struct, frozen=True, kw_only=True):
    """What resourceconfig.json says.

    Attributes:
        current_host: The name of this machine.
        hosts: The names of all, in the same order on each; with ":port" where another than ours is meant.
    """

    current_host: str = "algo-1"
    hosts: tuple[str, ...] = ("algo-1",)

    @property
    def rank(self) -> int:
        """Which one this is; the first writes the bundle."""
        if self.current_host not in self.hosts:
            raise ContractError(
                f"resourceconfig.json names {', '.join(self.hosts)} as hosts, and not {self.current_host}, "
                "which it says this is."
            )
        return self.hosts.index(self.current_host)

    def cluster(self, *, seconds: float = WAIT_SECONDS) -> Cluster | None:
        """Whom to share the work with, None alone; names resolve only once their machines are up.

        Args:
            seconds: How long to wait for all names together.

        Raises:
            ContractError: A name did not resolve in time.
        """
        rank = self.rank
        if len(self.hosts) == 1:
            return None
        deadline = time.monotonic() + seconds
        return Cluster(machines=tuple(_machine(host, deadline) for host in self.hosts), rank=rank)


def _machine(host: str, deadline: float) -> str:
    """A host as "address:port": LightGBM knows itself in a list by its address only."""
    name, _, port = host.partition(":")
    while True:
        try:
            return f"{socket.gethostbyname(name)}:{port or PORT}"
        except OSError as error:
            if time.monotonic() > deadline:
                raise ContractError(
                    f"The host {name} of this job cannot be found ({error.strerror or error}): its instance "
                    "did not come up, or the job's network does not resolve names."
                ) from error
        time.sleep(_POLL_SECONDS)
