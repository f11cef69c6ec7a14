"""Settings of every test: environment of child processes, Hypothesis, markers of `make test-fast`, order."""

import atexit
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from xdist.scheduler import LoadFileScheduling

from tests.selection.slow_tests import SLOW_FIXTURES, SLOW_PLACES

ROOT = Path(__file__).parents[1]

# Variables with which the caller of make chooses. GNU make hands its command line on in MAKEFLAGS.
# A `make` inside a test must see none of them.
OF_THE_CALLER = (
    *(
        "ARGS",
        "BASE_IMAGE",
        "FILE",
        "HOSTING",
        "LOCAL",
        "LOCAL_PORT",
        "LOCAL_SPEED",
        "LOCAL_STATE",
        "MODEL",
        "OUT",
        "ROW",
        "STAGE",
        "TARGET",
    ),
    *("GNUMAKEFLAGS", "MAKEFILES", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"),
)
for name in OF_THE_CALLER:
    os.environ.pop(name, None)

# aws_cdk starts Node.js when it is imported: the one of the virtual environment comes first.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

# Several processes run tests. OpenMP and OpenBLAS would start a thread for each processor in each of them,
# and waiting threads spin: a tenth of a training's processor time. The models have the same bytes.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# The AWS CDK waits less with threads that compile and collect garbage, and takes a third more processor time.
os.environ["NODE_OPTIONS"] = "--v8-pool-size=1"

# Spark runs for seconds in the tests: its Java compiles methods once, without the optimizing compiler.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

# A shell starts a background command with SIGINT ignored, and child processes inherit that: Ctrl-C would not
# end them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# On a busy machine a test is slow; that is no failure.
settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=DirectoryBasedExampleDatabase("build/.hypothesis"),
)
settings.load_profile("suite")


# Fixtures that install an environment, and the target of the Makefile that makes it.
ENVIRONMENTS = {
    "checkov": ".venv-checkov/.installed",
    "node_packages": "node_modules/.package-lock.json",
    "sagemaker_sdk": ".venv-sagemaker/.installed",
    "serving_packages": ".venv-serving/.installed",
    "spark_packages": ".venv/.installed-spark",
}


# Its tests build container images, which takes minutes.
IMAGE_TESTS = ROOT / "tests" / "image" / "built"

# Their tests start Spark, which takes a process half a minute of processor time.
SPARK_TESTS = ("tests/scoring/test_spark_engine.py", "tests/training/engines/test_engines.py")

# What takes longest starts first, so that no processor is idle at the end: first these, then the folders.
LONGEST = (
    "image/built",
    "e2e/life/test_retraining.py",
    "stacks/gates/test_checkov.py",
    "e2e/guardrails/test_function_canary.py",
    "stacks/gates/test_cfn_lint.py",
    "e2e/test_newcomer.py",
    "training/models/test_flight_delay.py",
    "training/test_reproducible.py",
)
SLOW_FOLDERS = ("e2e", "training", "stacks", "contract", "local")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """One process for the tests of a file, one for those of all images, and one for those of Spark."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if file in SPARK_TESTS:
            return "spark"
        return IMAGE_TESTS.name if IMAGE_TESTS in (ROOT / file).parents else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """Distributes the tests of a run to its processes."""
    return Scheduling(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Starts each process at another file: on a fresh checkout, each then compiles other files."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is None:
        return
    # After all that ends with a process: its interpreter would take three seconds to free each object.
    atexit.register(os._exit, 0)
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    files = sorted(str(file) for file in (ROOT / "tests").rglob("test_*.py"))
    first = len(files) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    config.args[:] = files[first:] + files[:first]


# New objects after which garbage is collected: a twentieth of the processor time was collections.
NEW_OBJECTS = 50_000


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keeps the garbage collector from what the collection of tests imports: none of it is garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        # Otherwise extension modules report objects that are never collected as leaks.
        atexit.register(gc.unfreeze)
        gc.set_threshold(NEW_OBJECTS, 20, 20)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that `make test-fast` leaves out, and sorts what takes longest to the front."""
    places = (*LONGEST, *SLOW_PLACES)
    if missing := [place for place in places if not (ROOT / "tests" / place).exists()]:
        raise pytest.UsageError(f"LONGEST or SLOW_PLACES of tests/ names what does not exist: {missing}")
    # Once a file: methods of paths are slow, and there are thousands of tests.
    files = {item.path for item in items}
    folders = {path: path.relative_to(ROOT / "tests").parts[0] for path in files}
    of_images = {path for path in files if IMAGE_TESTS in path.parents}
    slow = {path for path in files if not _places(path).isdisjoint(SLOW_PLACES)}
    for item in items:
        if folders[item.path] == "e2e":
            item.add_marker("deployment")
        if item.path in of_images or ENVIRONMENTS.keys() & _fixtures(item):
            item.add_marker("environment")
        if item.path in slow or SLOW_FIXTURES & _fixtures(item):
            item.add_marker("slow")
    positions = {path: (_position(path), path) for path in files}
    items.sort(key=lambda item: positions[item.path])


def _position(file: Path) -> int:
    """Returns the position of a file among those that start first."""
    places = _places(file)
    order = (*LONGEST, *SLOW_FOLDERS)
    return next((position for position, place in enumerate(order) if place in places), len(order))


def _places(file: Path) -> set[str]:
    """Returns the paths of a file and its folders, relative to tests/."""
    path = file.relative_to(ROOT / "tests")
    return {str(place) for place in (path, *path.parents)}


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


def make(target: str) -> None:
    """Makes a target of the Makefile, unless it is up to date."""
    (ROOT / "build").mkdir(exist_ok=True)
    # Several processes run tests, and each may need the same environment.
    with FileLock(ROOT / "build" / "install.lock"):
        done = subprocess.run(
            ["make", "--silent", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def checkov() -> None:
    """Installs checkov."""
    make(ENVIRONMENTS["checkov"])


@pytest.fixture(scope="session")
def node_packages() -> None:
    """Installs the AWS CDK CLI, newman, axe-core and Swagger UI."""
    make(ENVIRONMENTS["node_packages"])


@pytest.fixture(scope="session")
def sagemaker_sdk() -> None:
    """Installs the SageMaker Python SDK."""
    make(ENVIRONMENTS["sagemaker_sdk"])


@pytest.fixture(scope="session")
def serving_packages() -> None:
    """Installs the packages of the serving image."""
    make(ENVIRONMENTS["serving_packages"])


@pytest.fixture(scope="session")
def spark_packages() -> None:
    """Installs PySpark."""
    make(ENVIRONMENTS["spark_packages"])
