"""Packages of a zip that this machine's Python cannot import."""

import pytest

from local.emulator.functions.execution.incompatible_packages import incompatible_packages

NUMPY = "numpy/core/_core.cpython-313-x86_64-linux-gnu.so"


def test_packages_for_this_python_and_platform_are_not_foreign() -> None:
    names = [NUMPY, "serving/lambda_handler.py", "index.py"]

    assert incompatible_packages(names, suffixes=[".cpython-313-x86_64-linux-gnu.so", ".so"]) == frozenset()


@pytest.mark.parametrize("suffix", [".cpython-311-x86_64-linux-gnu.so", ".cpython-313-darwin.so"])
def test_packages_for_another_python_or_platform_are_foreign_with_their_libraries(suffix: str) -> None:
    names = [NUMPY, "numpy.libs/libopenblas.so", "msgspec/__init__.py", "plain/library.so"]

    assert incompatible_packages(names, suffixes=[suffix, ".so"]) == {"numpy", "numpy.libs"}
