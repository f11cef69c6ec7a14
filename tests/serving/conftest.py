"""Loaded models of every task, and a process without a free file descriptor."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from serving.predict.predictor import Predictor
from tests.serving.bundles import write_colour_bundle, write_square_bundle
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture
def binary(tmp_path: Path) -> Predictor:
    return Predictor(write_tiny_bundle(tmp_path / "binary.tar.gz"))


@pytest.fixture
def multiclass(tmp_path: Path) -> Predictor:
    return Predictor(write_colour_bundle(tmp_path / "multiclass.tar.gz"))


@pytest.fixture
def regression(tmp_path: Path) -> Predictor:
    return Predictor(write_square_bundle(tmp_path / "regression.tar.gz"))


@contextmanager
def _without_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # The lowest free number: every lower one is in use.
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def without_descriptors() -> Callable[[], AbstractContextManager[None]]:
    """Returns a context in which this process can open nothing."""
    return _without_descriptors
