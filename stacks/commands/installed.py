"""`python -m stacks.commands.installed`: checks that this Python has the packages of the project.

Imports nothing but the standard library, so that it can say what is missing wherever it runs.
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
    """The packages that a requirements file pins and this Python does not have."""
    found = map(_PIN.match, pins.read_text().splitlines())
    names = [pin["name"] for pin in found if pin and _is_meant(pin["operator"], pin["platform"])]
    return [name for name in names if not _is_installed(name)]


def _is_meant(operator: str | None, platform: str | None) -> bool:
    """Whether a pin is for this platform, as the only kind of marker there is tells."""
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
