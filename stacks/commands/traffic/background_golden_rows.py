"""Golden rows in the background of a deployment that updates an endpoint."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bundle import Manifest
from smoke.account import Account
from smoke.api import api_clients
from smoke.deployed_stack import find_stack
from stacks.commands.aws_account import AwsAccount
from stacks.commands.traffic.golden_traffic import GoldenRequest, GoldenTraffic, golden_rows

# A row a second: an alarm's period of a minute has enough of them.
_SECONDS_BETWEEN = 1.0


@contextmanager
def send_golden_rows(
    account: AwsAccount,
    name: str,
    *,
    models: Sequence[str],
    read_manifests: Callable[[], Sequence[Manifest]],
    api_url: str | None,
) -> Iterator[None]:
    """Sends golden rows while the stack's endpoint is Updating, and prints a sentence about them to stderr.

    It raises no error of its own.

    Args:
        account: The account.
        name: Name of the stack.
        models: Names of its models.
        read_manifests: Returns the manifests of the bundles that serve after the update.
        api_url: The URL of the API and its stage, if it differs from the stack's outputs.
    """
    session = Account(account.session)
    sagemaker = session.client("sagemaker")

    def is_updating() -> bool:
        return bool(sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Updating")

    def load_rows() -> list[GoldenRequest]:
        stack = find_stack(session.client("cloudformation"), name, models=models)
        # The deployment is the limit of all requests, and a request that fails is not repeated.
        clients = api_clients(session, stack, models, api_url=api_url, seconds=float("inf"), patience=0)
        return golden_rows(clients, read_manifests())

    traffic = GoldenTraffic(is_updating=is_updating, load_rows=load_rows)
    try:
        with in_background(traffic.step):
            yield
    finally:
        if sentence := traffic.report():
            print(sentence, file=sys.stderr)


@contextmanager
def in_background(
    step: Callable[[], None],
    *,
    wait: Callable[[threading.Event], bool] = lambda ended: ended.wait(_SECONDS_BETWEEN),
) -> Iterator[None]:
    """Repeats a step in a thread until the end of the context.

    Args:
        step: Raises nothing.
        wait: Waits before each step; returns whether the context has ended.
    """
    ended = threading.Event()

    def run() -> None:
        while not wait(ended):
            step()

    thread = threading.Thread(target=run, name="golden-rows", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
