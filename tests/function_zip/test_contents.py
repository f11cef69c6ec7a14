"""Contents of the zip, and the digest that names it."""

import re
import shutil
from pathlib import Path

import pytest

from function_zip.contents import MODEL, MONITOR, REMOVED, code_files, contents_digest, locked_packages
from function_zip.lambda_platform import LAMBDA
from stacks.settings.settings import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for room in ("bundle", "monitoring", "serving", "function_zip"):
        shutil.copytree(ROOT / room, tmp_path / room)
    return tmp_path


def test_only_what_the_handler_imports_is_in_the_zip() -> None:
    names = [path.as_posix() for path in code_files(ROOT, MODEL)]

    assert {"bundle/manifest.py", "serving/lambda_handler.py", "serving/rows/json_rows.py"} <= {*names}
    assert not [
        name for name in names if name.startswith(("serving/http", "serving/loans", "serving/workers"))
    ]


def test_the_style_sheet_of_a_page_is_in_the_zip(checkout: Path) -> None:
    (checkout / "monitoring" / "any.css").write_text("p {}")
    (checkout / "monitoring" / "any.md").write_text("no code")

    names = [path.as_posix() for path in code_files(checkout, MONITOR)]

    assert "monitoring/any.css" in names
    assert "monitoring/any.md" not in names


def test_every_package_has_its_pin_and_hashes() -> None:
    lock = locked_packages(ROOT, MODEL)

    pins = re.findall(r"^(\w+)==", lock, re.MULTILINE)
    assert pins == ["msgspec", "numpy", "onnxruntime"]
    assert all("--hash=sha256:" in entry for entry in re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:])


def test_the_image_and_the_zip_leave_out_the_same_files() -> None:
    dockerfile = (ROOT / "serving" / "Dockerfile").read_text()
    [removal] = re.findall(r"rm -rf (numpy.*?)&&", dockerfile, re.DOTALL)

    assert {*removal.replace("\\\n", " ").split()} <= {*REMOVED}


@pytest.mark.parametrize("name", ["serving/lambda_handler.py", "bundle/field.py", "function_zip/archive.py"])
def test_the_digest_follows_code_and_program(checkout: Path, name: str) -> None:
    before = contents_digest(checkout, LAMBDA)
    with (checkout / name).open("a") as file:
        file.write("# changed")

    assert contents_digest(checkout, LAMBDA) != before


def test_the_digest_follows_packages_of_the_zip_and_the_platform(checkout: Path) -> None:
    before = contents_digest(checkout, LAMBDA)
    lock = checkout / "serving" / "requirements.txt"

    lock.write_text(lock.read_text().replace("uvloop==", "uvloop==1."))
    (checkout / "serving" / "server.py").write_text("# changed")
    assert contents_digest(checkout, LAMBDA) == before
    lock.write_text(lock.read_text().replace("numpy==", "numpy==1."))
    assert contents_digest(checkout, LAMBDA) != before
    assert contents_digest(ROOT, LAMBDA._replace(python="3.14")) != contents_digest(ROOT, LAMBDA)


def test_the_monitor_has_a_zip_of_its_own(checkout: Path) -> None:
    before = [contents_digest(checkout, LAMBDA, contents) for contents in (MODEL, MONITOR)]
    with (checkout / "monitoring" / "__init__.py").open("a") as file:
        file.write("# changed")

    after = [contents_digest(checkout, LAMBDA, contents) for contents in (MODEL, MONITOR)]

    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False]
    assert "onnxruntime" not in locked_packages(ROOT, MONITOR)
