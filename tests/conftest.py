"""Settings of every test: environment of child processes, Hypothesis, markers of `make test-fast`."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

ROOT = Path(__file__).parents[1]

# Variables with which the caller of make chooses. GNU make hands its command line on in MAKEFLAGS.
# A `make` inside a test must see none of them.
OF_THE_CALLER = (
    *(
        "ARGS",
        "BASE_IMAGE",
        "HOSTING",
        "LOCAL",
        "LOCAL_PORT",
        "LOCAL_STATE",
        "MODEL",
        "ROW",
        "STAGE",
        "TARGET",
    ),
    *("GNUMAKEFLAGS", "MAKEFILES", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"),
)
for name in OF_THE_CALLER:
    os.environ.pop(name, None)

# On a busy machine a test is slow; that is no failure.
settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=DirectoryBasedExampleDatabase("build/.hypothesis"),
)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests that deploy, by their folder, and tests that need another environment, by their fixture."""
    for item in items:
        if (ROOT / "tests" / "e2e") in item.path.parents:
            item.add_marker("deployment")
        if "install" in getattr(item, "fixturenames", ()):
            item.add_marker("environment")


@pytest.fixture(scope="session")
def install() -> Callable[[str], None]:
    """Makes a target of the Makefile unless it is up to date, such as ".venv-checkov/.installed"."""
    return make


def make(target: str) -> None:
    (ROOT / "build").mkdir(exist_ok=True)
    # Several processes run tests, and each may need the same environment.
    with FileLock(ROOT / "build" / "install.lock"):
        done = subprocess.run(
            ["make", "--silent", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr
