"""Loaded models of every task."""

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
