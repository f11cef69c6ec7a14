"""`python -m stacks.commands.check_environment`: checks that the project's packages are installed.

Imports the standard library only, so it runs in any Python.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PIN = re.compile(
    r"(?P<name>[\w.-]+)(\[[^]]*\])?=="
    r"[^;]*(;\s*sys_platform\s*(?P<operator>[=!]=)\s*'(?P<platform>\w+)')?"
)
_PINS = Path(__file__).resolve().parents[2] / "requirements.in"


def missing_packages(pins: Path) -> list[str]:
    """Returns the packages that a requirements file pins and that are not installed in this Python."""
    found = map(_PIN.match, pins.read_text(encoding="utf-8").splitlines())
    names = [pin["name"] for pin in found if pin and _applies(pin["operator"], pin["platform"])]
    return [name for name in names if not _is_installed(name)]


def _applies(operator: str | None, platform: str | None) -> bool:
    """Returns whether a pin applies to this platform; sys_platform is the only marker that is supported."""
    return operator is None or (sys.platform == platform) == (operator == "==")


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    if missing := missing_packages(_PINS):
        sys.exit(
            f"{sys.executable} has no {', '.join(missing)}: use `make` (make synth, make deploy), "
            "or activate the virtual environment it makes with `source .venv/bin/activate`."
        )
