"""The stack Tiny, deployed once for all tests of a run that only read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from local.deployments.deployment import Deployment
from tests.e2e.support.account import Account
from tests.e2e.support.reserved_port import reserve_port
from tests.e2e.support.throttles import lift_throttles
from tests.tiny_bundle import write_tiny_bundle, write_tiny_report


@dataclass(frozen=True, kw_only=True)
class TinyStack:
    """A deployed stack of the tiny model, with the report of its training.

    Attributes:
        account: The AWS that it is deployed to; tests in other processes use it too.
        bundle: The archive that it serves.
    """

    account: Account
    bundle: Path

    @property
    def service(self) -> Deployment:
        return self.account.find()


@contextmanager
def use_tiny_stack(folder: Path) -> Iterator[TinyStack]:
    """Yields the stack, which the first process deploys; the last process stops its AWS.

    Args:
        folder: A folder that all processes of the test run share.
    """
    bundle, port, users = folder / "model.tar.gz", folder / "port", folder / "users"
    lock = FileLock(folder.with_suffix(".lock"))
    with lock:
        folder.mkdir(exist_ok=True)
        count = int(users.read_text()) if users.exists() else 0
        if not count:
            port.write_text(str(reserve_port()))
            write_tiny_bundle(bundle)
            write_tiny_report(bundle)
        account = Account(state=folder / "aws", port=int(port.read_text()))
        if not count:
            account.start()
            account.deploy(bundle)
            lift_throttles(account)
        users.write_text(str(count + 1))
    try:
        yield TinyStack(account=account, bundle=bundle)
    finally:
        with lock:
            count = int(users.read_text()) - 1
            users.write_text(str(count))
            if not count:
                account.stop()
