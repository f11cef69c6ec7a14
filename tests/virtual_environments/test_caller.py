"""What the caller of make chooses does not reach the commands inside the tests."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import OF_THE_CALLER, ROOT

# As a test does it: the suite's settings first, then a command.
NEST = 'import tests.conftest, subprocess; subprocess.run(["make", "inner"])'
PRINT = """
import os, tests.conftest
print([name for name in tests.conftest.OF_THE_CALLER if name in os.environ])
"""


def test_every_variable_of_the_caller_is_gone_before_the_first_test() -> None:
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
