"""Extra models, and the signal handler that the container's program installs."""

import importlib
import signal
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.training.sagemaker.extra_models_program import EXTRA_MODELS
from training import models


@pytest.fixture(autouse=True)
def sigterm_handler() -> Iterator[None]:
    """Restores the handler of SIGTERM after a run of the program within this process."""
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def extra_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds the extra models of the tests to the catalog of this process."""
    monkeypatch.setattr(models, "__path__", [*models.__path__, EXTRA_MODELS])


@pytest.fixture
def endless(request: pytest.FixtureRequest) -> ModuleType:
    """The module of the endless model."""
    request.getfixturevalue("extra_models")
    return importlib.import_module("training.models.endless")
