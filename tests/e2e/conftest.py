"""An AWS of its own for each module."""

from collections.abc import Iterator

import pytest

from tests.e2e.account import Account


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """AWS on this machine, up on a free port with a state folder of its own."""
    account = Account(state=tmp_path_factory.mktemp("aws"))
    account.local("up")
    yield account
    account.local("down")
