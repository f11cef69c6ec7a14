"""`python -m stacks.installed`: does this Python have the project's packages? cdk.json's `build` asks first.

Imports nothing but the standard library, so that it can say what is missing wherever it runs.
"""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PINS = Path(__file__).resolve().parents[1] / "requirements.in"


def missing_packages(pins: Path) -> list[str]:
    """The packages that a requirements file pins and this Python does not have."""
    names = [line.partition("==")[0] for line in pins.read_text().splitlines() if "==" in line]
    return [name for name in names if not _is_installed(name)]


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
