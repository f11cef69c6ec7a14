"""Temporary folders of running and of killed processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from training.data.temporary_folder import temporary_folder

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys
from pathlib import Path
from training.data.temporary_folder import temporary_folder
with temporary_folder(Path(sys.argv[1]), "unpacked-") as folder:
    (folder / "rows.csv").write_text("rows")
    print(folder, flush=True)
    sys.stdin.readline()
"""


def hold(parent: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(parent)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_folder_is_removed_at_the_end_and_after_an_exception(tmp_path: Path) -> None:
    with temporary_folder(tmp_path / "new", "unpacked-") as folder:
        (folder / "rows.csv").write_text("rows")
    with pytest.raises(KeyboardInterrupt), temporary_folder(tmp_path / "new", "unpacked-"):
        raise KeyboardInterrupt

    assert list((tmp_path / "new").iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed_and_that_of_a_running_one_is_kept(tmp_path: Path) -> None:
    with hold(tmp_path) as killed, hold(tmp_path) as running:
        assert killed.stdout
        assert running.stdout
        left, held = Path(killed.stdout.readline().strip()), Path(running.stdout.readline().strip())
        killed.send_signal(signal.SIGKILL)
        killed.wait(60)
        assert left.exists()

        with temporary_folder(tmp_path, "unpacked-"):
            assert not left.exists()
            assert (held / "rows.csv").exists()

        running.communicate("\n", timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_folders_of_other_names_and_files_are_kept(tmp_path: Path) -> None:
    (tmp_path / "bts").mkdir()
    (tmp_path / "unpacked-notes.txt").touch()

    with temporary_folder(tmp_path, "unpacked-"):
        assert (tmp_path / "bts").exists()
        assert (tmp_path / "unpacked-notes.txt").exists()
