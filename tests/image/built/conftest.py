"""The images, built once per session, and the container of the serving image."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from image.__main__ import EXIT_MISSING_TOOL
from image.builder import Builder
from tests.image.built.containers import Container, Engine, Unpacked
from tests.inherited_environ import inherited_environ

ROOT = Path(__file__).parents[3]
# Inside the checkout, separate from other images of the machine's builder.
BUILT = ROOT / "build" / "image" / "tests"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The properties of the serving image, as `python -m image` prints them."""
    return build(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The properties of the training image."""
    return build(tmp_path_factory.getbasetemp(), "--target", "train")


def build(folder: Path, *words: str) -> dict[str, Any]:
    """Builds an image once for all workers of a session; returns its properties."""
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    answer = shared / f"image{''.join(words)}.json"
    with FileLock(shared / "image.lock"):
        if not answer.exists():
            command = [sys.executable, "-m", "image", *words, "--json", "--storage", str(BUILT / "storage")]
            job = subprocess.run(
                command, cwd=ROOT, env=inherited_environ(), check=False, capture_output=True, text=True
            )
            answer.write_text(json.dumps([job.returncode, job.stdout, job.stderr]))
    code, output, errors = json.loads(answer.read_text())
    if code == EXIT_MISSING_TOOL:
        pytest.skip(f"No image can be built here: {errors.strip()}")
    assert code == 0, errors
    record: dict[str, Any] = json.loads(output)
    return record


@pytest.fixture(scope="session")
def builder(built: dict[str, Any]) -> Builder:
    return Builder.find(built["builder"], storage=BUILT / "storage")


@pytest.fixture(scope="session")
def container(built: dict[str, Any], builder: Builder) -> Iterator[Container]:
    """The container: in the engine that built the image, or its unpacked files."""
    inspected = builder.inspect(built["id"].removeprefix("sha256:"))
    assert inspected is not None
    if builder.name != "buildah":
        yield Engine([*builder.command], built["id"], inspected["Config"]["Entrypoint"])
        return
    with tempfile.TemporaryDirectory(dir=BUILT) as folder:
        unpack(builder, built["id"].removeprefix("sha256:"), Path(folder))
        config = inspected["Docker"]["config"]
        yield Unpacked(folder, config["Entrypoint"], config["Env"], config["WorkingDir"])


def unpack(builder: Builder, image: str, folder: Path) -> None:
    """Copies an image's files, in its own mount namespace: no mount remains."""
    script = """
    container=$("$@" from --pull-never "$image")
    trap '"$@" umount "$container" && "$@" rm "$container"' EXIT
    cp --archive "$("$@" mount "$container")/." "$folder"
    """
    command = ["unshare", "--mount", "--", "/bin/sh", "-euc", script, "sh", *builder.command]
    environment = os.environ | {"image": image, "folder": str(folder)}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    folder.chmod(0o755)
    (folder / "opt" / "ml").mkdir()


@pytest.fixture(scope="session")
def record() -> Callable[[str, Any], None]:
    """Writes a figure to build/image, for the report of the image job."""

    def write(name: str, value: Any) -> None:
        (BUILT.parent / f"{name}.json").write_text(f"{json.dumps(value)}\n")

    return write
