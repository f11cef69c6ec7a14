import os
import re
import subprocess
import sys
from pathlib import Path

from stacks.commands.check_environment import missing_packages
from stacks.settings.settings import ROOT


def test_pinned_packages_that_are_not_installed_are_named(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.in"
    pins.write_text("# a comment\nno-such-package==1.0\nconstructs==10.0.0\nnor-this-one==2\n")

    assert missing_packages(pins) == ["no-such-package", "nor-this-one"]


def test_a_python_without_most_packages_gets_a_message_of_one_line(tmp_path: Path) -> None:
    # -S leaves out site-packages, as in a Python outside of the virtual environment. It has one package, by
    # which the programs of the project know a Python that has all.
    (tmp_path / "msgspec.py").touch()
    done = subprocess.run(
        [sys.executable, "-S", "-m", "stacks.commands.check_environment"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert re.search(r" has no (\S+, )*aws-cdk-lib, ", line)
    assert "source .venv/bin/activate" in line


def test_the_python_of_the_tests_has_every_package() -> None:
    assert missing_packages(ROOT / "requirements.in") == []


def test_extras_are_not_part_of_the_name_and_pins_of_other_platforms_are_ignored(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.in"
    pins.write_text(
        f"no-such-a[extra]==1 ; sys_platform == '{sys.platform}'\n"
        f"no-such-b==1 ; sys_platform != '{sys.platform}'\n"
        "constructs[extra]==10.0.0\n"
    )

    assert missing_packages(pins) == ["no-such-a"]
