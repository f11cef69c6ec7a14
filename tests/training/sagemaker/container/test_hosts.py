import socket
import time

import pytest

from training.fit_plan import Cluster
from training.sagemaker.container.hosts import PORT, Hosts
from training.sagemaker.errors import ContractError


class Resolver:
    """Name server that resolves every name after a number of failed look-ups."""

    def __init__(self, *, failures: int) -> None:
        self.failures = failures

    def __call__(self, name: str) -> str:
        if self.failures:
            self.failures -= 1
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return {"algo-1": "10.0.0.1", "algo-2": "10.0.0.2"}[name]


def test_one_host_is_not_a_cluster() -> None:
    assert Hosts(current_host="algo-1", hosts=("algo-1",)).cluster() is None


def test_hosts_become_machines_by_address_in_their_order() -> None:
    hosts = Hosts(current_host="127.0.0.1:7002", hosts=("localhost", "127.0.0.1:7002"))

    assert hosts.cluster() == Cluster(machines=(f"127.0.0.1:{PORT}", "127.0.0.1:7002"), rank=1)


def test_a_current_host_outside_the_hosts_is_refused() -> None:
    with pytest.raises(
        ContractError, match=r"The current_host algo-3 .* is not among its hosts algo-1, algo-2"
    ):
        Hosts(current_host="algo-3", hosts=("algo-1", "algo-2")).cluster()


def test_a_name_that_does_not_resolve_until_the_deadline_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "gethostbyname", Resolver(failures=1000))
    hosts = Hosts(current_host="algo-1", hosts=("algo-2", "algo-1"))

    with pytest.raises(ContractError, match=r"^The name of host algo-2 does not resolve"):
        hosts.cluster(seconds=0)


def test_a_name_is_looked_up_until_it_resolves(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an instance that starts later than this one
    pauses: list[float] = []
    monkeypatch.setattr(socket, "gethostbyname", Resolver(failures=2))
    monkeypatch.setattr(time, "sleep", pauses.append)

    cluster = Hosts(current_host="algo-1", hosts=("algo-1", "algo-2")).cluster()

    assert cluster == Cluster(machines=(f"10.0.0.1:{PORT}", f"10.0.0.2:{PORT}"), rank=0)
    assert len(pauses) == 2
