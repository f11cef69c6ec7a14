"""Lock file of the emulator."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from local.processes import lock


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    held = lock.acquire(tmp_path / "lock")

    assert held is not None
    assert lock.is_held(tmp_path / "lock")
    assert lock.acquire(tmp_path / "lock") is None
    os.close(held)
    assert not lock.is_held(tmp_path / "lock")


def test_is_held_does_not_create_a_missing_lock_file(tmp_path: Path) -> None:
    assert not lock.is_held(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()


def test_a_process_that_inherits_a_lock_holds_it_until_its_end(tmp_path: Path) -> None:
    held = lock.acquire(tmp_path / "lock")
    assert held is not None
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[held]) as child:
        os.close(held)

        assert lock.is_held(tmp_path / "lock")
        child.communicate(b"\n")

    assert not lock.is_held(tmp_path / "lock")


def test_a_concurrent_is_held_does_not_count_as_the_holder(tmp_path: Path) -> None:
    # Given a process in the middle of is_held(), which holds the shared lock
    (tmp_path / "lock").touch()
    with (tmp_path / "lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)

        # Then another is_held() finds the lock free, and acquire() does not get it
        assert not lock.is_held(tmp_path / "lock")
        assert lock.acquire(tmp_path / "lock") is None

    # And acquire() gets it after the shared lock is released
    held = lock.acquire(tmp_path / "lock")
    assert held is not None
    os.close(held)
