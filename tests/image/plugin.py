"""Makes the contract's cases start an image: `pytest -p tests.image.plugin --container FILE`."""

from functools import partial
from pathlib import Path

import msgspec
import pytest

from tests.contract.support.process import ServingProcess
from tests.image.containers import Container, start_in


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--container", type=Path, required=True, help="what to start it in, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    container = msgspec.json.decode(config.getoption("--container").read_bytes(), type=Container)
    ServingProcess.start = partial(start_in, container)
