"""Variables and arguments of the caller of make do not reach the commands of the tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import OF_THE_CALLER, ROOT

# Same order as in a test: import of the suite's conftest, then a command.
NEST = 'import tests.conftest, subprocess; subprocess.run(["make", "inner"])'
PRINT = """
import os, tests.conftest
print([name for name in tests.conftest.OF_THE_CALLER if name in os.environ])
"""


@pytest.mark.slow
def test_conftest_removes_every_variable_of_the_caller() -> None:
    environment = os.environ | dict.fromkeys(OF_THE_CALLER, "something") | {"PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-c", PRINT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_an_argument_of_make_does_not_reach_a_make_inside_a_test(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(
        f"outer:\n\t@{sys.executable} -c '{NEST}'\ninner:\n\t@echo \"<$(ARGS)>\"\n"
    )

    done = subprocess.run(
        ["make", "--silent", "-C", str(tmp_path), "outer", "ARGS=--durations=40"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "<>\n"
