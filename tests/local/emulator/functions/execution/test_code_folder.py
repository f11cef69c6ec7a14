"""Zips of functions on disk."""

import io
import os
import zipfile
from pathlib import Path

from local.emulator.functions.execution.code_folder import unpack, zip_inline
from tests.local.emulator.functions.function_zip import function_zip


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_keeps_the_mode_of_the_zip(tmp_path: Path) -> None:
    unpack(function_zip("any", mode=0o640), tmp_path / "code")

    assert mode(tmp_path / "code" / "index.py") == 0o640


def test_a_zip_of_another_system_has_no_modes(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("index.py")
    info.create_system = 0
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, "any")

    unpack(buffer.getvalue(), tmp_path / "code")

    assert mode(tmp_path / "code" / "index.py") == 0o644


def test_folders_inside_a_zip_can_be_entered(tmp_path: Path) -> None:
    unpack(function_zip("any", name="package/module.py"), tmp_path / "code")

    assert mode(tmp_path / "code" / "package") & 0o005 == 0o005


def test_folders_that_a_zip_does_not_name_can_be_entered_whatever_the_umask(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("package/inner/handler.py", "")
    before = os.umask(0o077)
    try:
        unpack(content.getvalue(), tmp_path / "task")
    finally:
        os.umask(before)

    assert [mode(tmp_path / name) for name in ("task", "task/package", "task/package/inner")] == [0o755] * 3


def test_inline_code_is_one_module_that_everyone_can_read(tmp_path: Path) -> None:
    archive = zip_inline("any", "main.handler", "python3.14")
    assert archive is not None

    unpack(archive, tmp_path)

    assert (tmp_path / "main.py").read_text() == "any"
    assert mode(tmp_path / "main.py") == 0o644


def test_there_is_no_zip_without_inline_code() -> None:
    assert zip_inline(None, "main.handler") is None


def test_packages_for_another_python_are_left_out(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("numpy/core.cpython-399-x86_64-linux-gnu.so", "numpy/__init__.py", "index.py"):
            archive.writestr(name, "any")

    unpack(buffer.getvalue(), tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["index.py"]
