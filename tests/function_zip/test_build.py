"""Build of the zip, without the network; the deployments in tests/e2e/ build it with uv."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from function_zip.archive import ZipError
from function_zip.build import build_zip
from function_zip.lambda_platform import ZipTarget
from stacks.settings.settings import ROOT
from tests.function_zip.packages import writing
from tests.function_zip.unpacked import unpack_zip
from tests.serving.lambda_function.object_store import URL, object_store
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

RUN = """
import json, sys
sys.path.insert(0, sys.argv[1])
from serving.lambda_handler import handler
print(json.dumps(handler(json.loads(sys.argv[2]), None)))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    checkout = tmp_path / "checkout"
    for room in ("bundle", "monitoring", "serving", "function_zip"):
        shutil.copytree(ROOT / room, checkout / room)
    return checkout


def names_in(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {*archive.namelist()}


def test_tools_tests_and_traces_of_the_installation_are_left_out(checkout: Path) -> None:
    kept = ["numpy/core.py", "numpy-1.dist-info/WHEEL", "onnxruntime/capi/state.so"]
    left_out = [
        *("bin/f2py", ".lock", "numpy/tests/test_a.py", "numpy/f2py/a.py", "onnxruntime/tools/a.py"),
        *("numpy-1.dist-info/RECORD", "onnxruntime/capi/libonnxruntime.so.1", "numpy/__pycache__/a.pyc"),
    ]

    path = build_zip(root=checkout, install=writing(dict.fromkeys(kept + left_out, "any")))

    names = names_in(path)
    assert {*kept, "serving/lambda_handler.py", "bundle/field.py"} <= names
    assert names & {*left_out} == set()


def test_two_deployments_may_make_the_zip_at_the_same_time(checkout: Path) -> None:
    write = writing({"numpy/core.py": "any"})
    others: list[Path] = []

    def install(folder: Path, lock: Path, target: ZipTarget) -> None:
        if not others:
            others.append(checkout)
            others[0] = build_zip(root=checkout, install=install)
        write(folder, lock, target)

    path = build_zip(root=checkout, install=install)

    assert others == [path]
    assert "numpy/core.py" in names_in(path)
    assert [found.name for found in path.parent.glob("unfinished-*")] == []


def test_an_unchanged_checkout_installs_nothing_again_and_keeps_one_zip(checkout: Path) -> None:
    first = build_zip(root=checkout, install=writing({"numpy/core.py": "any"}))
    content = first.read_bytes()

    def fail(*_: object) -> None:
        raise AssertionError

    assert build_zip(root=checkout, install=fail) == first
    (checkout / "serving" / "problem.py").write_text("# changed")
    second = build_zip(root=checkout, install=fail)

    assert second.read_bytes() != content
    assert [*second.parent.glob("*.zip")] == [second]


def test_two_checkouts_make_the_same_bytes(checkout: Path, tmp_path: Path) -> None:
    shutil.copytree(checkout, tmp_path / "other")
    install = writing({"numpy/core.py": "any", "numpy/core.so": "any"})

    one, two = (build_zip(root=root, install=install) for root in (checkout, tmp_path / "other"))

    assert (one.name, one.read_bytes()) == (two.name, two.read_bytes())


def test_a_failed_installation_leaves_nothing_that_looks_complete(checkout: Path) -> None:
    def fail(folder: Path, _lock: Path, _target: ZipTarget) -> None:
        writing({"numpy/core.py": "any"})(folder, _lock, _target)
        raise ZipError("no network")

    with pytest.raises(ZipError, match="no network"):
        build_zip(root=checkout, install=fail)

    assert [*(checkout / "build" / "function_zip" / "model").iterdir()] == []


@pytest.mark.usefixtures("serving_packages")
def test_the_zip_has_all_that_the_handler_needs(checkout: Path, tmp_path: Path) -> None:
    # Given a zip with the packages of this Python, and no other package
    unpack_zip(checkout, tmp_path / "task")
    manifest = write_tiny_bundle(tmp_path / "tiny.tar.gz").manifest

    # When a function is called
    with object_store() as store:
        store.body = (tmp_path / "tiny.tar.gz").read_bytes()
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", RUN, str(tmp_path / "task"), json.dumps(EXAMPLE)],
            env=store.environment | {"MODEL_DATA_URL": URL},
            capture_output=True,
            text=True,
            check=False,
        )

    # Then it predicts
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (len(answer["predictions"]), answer["model"]["version"]) == (1, manifest.version)
