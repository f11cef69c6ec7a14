import pytest

from training.plan import Cluster
from training.sagemaker.container.hosts import PORT, Hosts
from training.sagemaker.errors import ContractError


def test_one_host_is_no_cluster() -> None:
    assert Hosts(current_host="algo-1", hosts=("algo-1",)).cluster() is None


def test_hosts_are_machines_by_address_in_the_same_order_on_each() -> None:
    hosts = Hosts(current_host="127.0.0.1:7002", hosts=("localhost", "127.0.0.1:7002"))

    assert hosts.cluster() == Cluster(machines=(f"127.0.0.1:{PORT}", "127.0.0.1:7002"), rank=1)


def test_a_host_that_is_not_among_the_hosts_is_refused() -> None:
    with pytest.raises(ContractError, match="names algo-1, algo-2 as hosts, and not algo-3"):
        Hosts(current_host="algo-3", hosts=("algo-1", "algo-2")).cluster()


def test_a_name_that_never_resolves_is_given_up_at_the_deadline() -> None:
    hosts = Hosts(current_host="localhost", hosts=("localhost", "nobody.invalid"))

    with pytest.raises(ContractError, match=r"^The host nobody.invalid of this job cannot be found"):
        hosts.cluster(seconds=0)
