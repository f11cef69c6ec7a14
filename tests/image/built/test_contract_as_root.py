"""Contract of the image as root, the user of SageMaker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tests.image.built.containers import Container
from tests.image.built.contract import run_contract

# Cases that depend on the user: files, signals, limits. The server handles requests and faults alike for
# every user, so test_contract_as_anyone.py alone has those cases.
OF_THE_USER = tuple(
    f"tests/contract/{name}"
    for name in (
        "test_confinement.py",
        "test_lifecycle.py",
        "test_models.py",
        "test_observability.py",
        "test_ping.py",
        "jobs",
    )
)


def test_the_image_keeps_the_contract_as_root(
    container: Container, tmp_path: Path, record: Callable[[str, Any], None]
) -> None:
    as_root = msgspec.structs.replace(container, user=0)

    cases = run_contract(as_root, tmp_path, *OF_THE_USER)

    record("contract-as-root", cases)
    assert cases["passed"] > 0
