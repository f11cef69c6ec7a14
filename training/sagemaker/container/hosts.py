"""Hosts of a distributed training job, from resourceconfig.json."""

import socket
import time

import msgspec

from training.fit_plan import Cluster
from training.sagemaker.errors import ContractError

# All ports are open between the instances of a job.
PORT = 12400
RESOLVE_SECONDS = 300.0
_RETRY_SECONDS = 0.5


class Hosts(msgspec.Struct, frozen=True, kw_only=True):
    """Content of resourceconfig.json.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html

    Attributes:
        current_host: Name of this host.
        hosts: Names of all hosts, in the same order on each; "name:port" for another port than PORT.
    """

    current_host: str = "algo-1"
    hosts: tuple[str, ...] = ("algo-1",)

    @property
    def rank(self) -> int:
        """Position of this host; the host of rank 0 writes the bundle.

        Raises:
            ContractError: When this host is not among the hosts.
        """
        if self.current_host not in self.hosts:
            raise ContractError(
                f"The current_host {self.current_host} of resourceconfig.json is not among its hosts "
                f"{', '.join(self.hosts)}."
            )
        return self.hosts.index(self.current_host)

    def cluster(self, *, seconds: float = RESOLVE_SECONDS) -> Cluster | None:
        """Resolves the hosts' addresses; a name resolves only once its instance is running.

        Args:
            seconds: Longest time to wait for all names together.

        Returns:
            The cluster, or None for a single host.

        Raises:
            ContractError: When a name did not resolve in time.
        """
        rank = self.rank
        if len(self.hosts) == 1:
            return None
        deadline = time.monotonic() + seconds
        return Cluster(machines=tuple(_machine(host, deadline) for host in self.hosts), rank=rank)


def _machine(host: str, deadline: float) -> str:
    """Returns a host as "address:port", because LightGBM finds itself in its list by address only."""
    name, _, port = host.partition(":")
    while True:
        try:
            return f"{socket.gethostbyname(name)}:{port or PORT}"
        except OSError as error:
            if time.monotonic() > deadline:
                raise ContractError(
                    f"The name of host {name} does not resolve ({error.strerror or error}): its instance did "
                    "not start, or the job's network does not resolve names."
                ) from error
        time.sleep(_RETRY_SECONDS)
