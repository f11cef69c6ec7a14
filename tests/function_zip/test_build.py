"""Build of the zip, without the network; the deployments in tests/e2e/ build it with uv.

test_contract.py runs the handler of a zip that has the packages of this Python and no other package.
"""

import shutil
import zipfile
from pathlib import Path

import pytest

from function_zip.archive import ZipError
from function_zip.build import build_zip
from function_zip.lambda_platform import ZipTarget
from stacks.settings.settings import ROOT
from tests.function_zip.packages import writing


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
