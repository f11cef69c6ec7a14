"""The lock that tells whether AWS on this machine is up."""

import os
import subprocess
import sys
from pathlib import Path

from local.processes import lock


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    held = lock.acquire(tmp_path / "lock")

    assert held is not None
    assert lock.is_held(tmp_path / "lock")
    assert lock.acquire(tmp_path / "lock") is None
    os.close(held)
    assert not lock.is_held(tmp_path / "lock")


def test_a_lock_that_was_never_taken_is_not_held_and_not_made(tmp_path: Path) -> None:
    assert not lock.is_held(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()


def test_a_process_that_inherits_a_lock_holds_it_to_its_end(tmp_path: Path) -> None:
    held = lock.acquire(tmp_path / "lock")
    assert held is not None
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[held]) as heir:
        os.close(held)

        assert lock.is_held(tmp_path / "lock")
        heir.communicate(b"\n")

    assert not lock.is_held(tmp_path / "lock")
