"""Contract of the image with an unknown user id, and as process 1."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tests.image.built.containers import Container
from tests.image.built.contract import WHOLE, run_contract

UNKNOWN_USER = 10001


def test_the_image_keeps_the_contract_as_any_user(
    container: Container, tmp_path: Path, record: Callable[[str, Any], None]
) -> None:
    cases = run_contract(msgspec.structs.replace(container, user=UNKNOWN_USER), tmp_path, *WHOLE)

    record("contract-as-anyone", cases)
    assert cases["passed"] > 0


def test_the_image_keeps_the_lifecycle_contract_as_process_1(
    container: Container, tmp_path: Path, record: Callable[[str, Any], None]
) -> None:
    # The kernel delivers to process 1 only signals that it has handlers for.
    first = msgspec.structs.replace(container, user=UNKNOWN_USER, first=True)

    cases = run_contract(first, tmp_path, "tests/contract/test_lifecycle.py", "tests/contract/test_ping.py")

    record("contract-as-process-1", cases)
    assert cases["passed"] > 0
