"""Contract of the image as root, the user of SageMaker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tests.image.built.containers import Container
from tests.image.built.contract import run_contract


def test_the_image_keeps_the_contract_as_root(
    container: Container, tmp_path: Path, record: Callable[[str, Any], None]
) -> None:
    cases = run_contract(msgspec.structs.replace(container, user=0), tmp_path, "tests/contract")

    record("contract-as-root", cases)
    assert cases["passed"] > 0
