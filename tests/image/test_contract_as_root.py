"""The contract inside the image as root, which is what SageMaker runs it as."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tests.image.containers import Container
from tests.image.contract import hold_contract


def test_the_image_keeps_the_contract_as_root(
    container: Container, tmp_path: Path, record: Callable[[str, Any], None]
) -> None:
    cases = hold_contract(msgspec.structs.replace(container, user=0), tmp_path, "tests/contract")

    record("contract-as-root", cases)
    assert cases["passed"] > 0
