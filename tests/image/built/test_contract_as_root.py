"""Contract of the image as root, the user of SageMaker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tests.image.built.containers import Container
from tests.image.built.contract import WHOLE, run_contract


def test_the_image_keeps_the_contract_as_root(
    container: Container, tmp_path: Path, record: Callable[[str, Any], None]
) -> None:
    as_root = msgspec.structs.replace(container, user=0)

    # Workers are killed and replaced alike by every user; the other user has these cases.
    cases = run_contract(as_root, tmp_path, *WHOLE, "--ignore=tests/contract/test_faults.py")

    record("contract-as-root", cases)
    assert cases["passed"] > 0
