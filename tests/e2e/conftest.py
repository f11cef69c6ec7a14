"""AWS on this machine, for the tests of one module or of all."""

from collections.abc import Iterator

import pytest

from tests.e2e.support.account import Account
from tests.e2e.support.checkout import copy_checkout
from tests.e2e.support.tiny_stack import TinyStack, use_tiny_stack


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """AWS on this machine, up on a free port with a state folder of its own."""
    account = Account(state=tmp_path_factory.mktemp("aws"))
    account.start()
    yield account
    account.stop()


@pytest.fixture(scope="session")
def tiny_stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[TinyStack]:
    """The stack Tiny, which tests of several modules read at the same time."""
    base = tmp_path_factory.getbasetemp()
    with use_tiny_stack((base if worker_id == "master" else base.parent) / "tiny_stack") as stack:
        yield stack


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """A checkout without a build folder, and an AWS that `make run` has yet to start."""
    checkout = copy_checkout(tmp_path_factory.mktemp("checkout"))
    account = Account(root=checkout, state=tmp_path_factory.mktemp("aws"))
    yield account
    account.run("make", "stop")
