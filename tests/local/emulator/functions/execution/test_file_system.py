"""Rules for the files of an execution environment, in a process of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.local_aws import ROOT

PROGRAM = """
import json, os, shutil, sys
from pathlib import Path
from local.emulator.functions.execution.file_system import FunctionFileSystem

folder = Path(sys.argv[1])
files = FunctionFileSystem(
    folder=folder, code=folder / "task", temporary=folder / "tmp", storage_mb=int(sys.argv[2])
)
files.enforce()
code, temporary = str(folder / "task"), str(folder / "tmp")
try:
    exec(sys.argv[3])
    files.check_storage()
except OSError as error:
    print(json.dumps([type(error).__name__, error.strerror]))
else:
    print(json.dumps("done"))
"""
READ_ONLY = ["OSError", "Read-only file system"]
FULL = ["OSError", "No space left on device"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("task", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "task" / "module.py").write_text("found = 1")
    return tmp_path


def run(folder: Path, statement: str, *, storage_mb: int = 1) -> Any:
    command = [sys.executable, "-c", PROGRAM, str(folder), str(storage_mb), statement]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "statement",
    [
        "open(code + '/new', 'w')",
        "open(code + '/module.py', 'a')",
        "os.open(code + '/new', os.O_CREAT | os.O_WRONLY)",
        "os.mkdir(code + '/new')",
        "os.remove(code + '/module.py')",
        "os.rename(code + '/module.py', temporary + '/module.py')",
        "os.rename(temporary, code + '/other')",
        "os.symlink('any', code + '/link')",
        "os.chmod(code + '/module.py', 0o777)",
        "shutil.rmtree(code)",
        "open(os.path.expanduser('~') + '/new', 'w')",
        "open('/etc/new', 'w')",
        "os.chdir(code); open('new', 'w')",
        "os.symlink(code, temporary + '/link'); open(temporary + '/link/new', 'w')",
        f"open({str(ROOT / 'new')!r}, 'w')",
    ],
)
def test_everything_but_tmp_is_read_only(folder: Path, statement: str) -> None:
    assert run(folder, statement) == READ_ONLY
    assert [path.name for path in (folder / "task").iterdir()] == ["module.py"]


@pytest.mark.parametrize(
    "statement",
    [
        "open(temporary + '/new', 'w').write('content')",
        "os.makedirs(temporary + '/one/two'); shutil.rmtree(temporary + '/one')",
        "os.symlink('any', temporary + '/link')",
        "open(os.devnull, 'w').write('content')",
        "open(code + '/module.py').read()",
        "os.chmod(temporary, 0o700)",
    ],
)
def test_tmp_is_writable_and_code_is_readable(folder: Path, statement: str) -> None:
    assert run(folder, statement) == "done"


@pytest.mark.parametrize(
    "statement",
    [
        "open(temporary + '/one', 'wb').write(bytes(1024 * 1024 + 1))",
        "[open(f'{temporary}/{name}', 'wb').write(bytes(600 * 1024)) for name in 'ab']",
        "[open(f'{temporary}/{name}', 'wb').write(bytes(600 * 1024)) for name in 'abc']",
    ],
)
def test_tmp_over_its_size_is_a_full_disk(folder: Path, statement: str) -> None:
    found = run(
        folder,
        f"from local.emulator.functions.execution.file_system import as_full_disk\n"
        f"try:\n    {statement}\nexcept OSError as error:\n    raise as_full_disk(error)",
    )

    assert found == FULL


def test_a_file_of_a_full_disk_can_be_deleted(folder: Path) -> None:
    (folder / "tmp" / "large").write_bytes(bytes(1024 * 1024))

    assert run(folder, "open(temporary + '/new', 'w')") == FULL
    assert run(folder, "os.remove(temporary + '/large'); open(temporary + '/new', 'w')") == "done"


@pytest.mark.parametrize(
    ("path", "mode"), [("task/module.py", 0o600), ("task/module.py", 0o640), ("task", 0o700)]
)
def test_code_that_others_cannot_read_is_refused(folder: Path, path: str, mode: int) -> None:
    (folder / path).chmod(mode)

    assert run(folder, "open(code + '/module.py')") == ["PermissionError", "Permission denied"]
