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
    as_root = msgspec.structs.replace(container, user=0)

    # Generated requests are parsed alike for every user; the other user gets them.
    cases = run_contract(as_root, tmp_path, "tests/contract", "--ignore=tests/contract/test_fuzz.py")

    record("contract-as-root", cases)
    assert cases["passed"] > 0
