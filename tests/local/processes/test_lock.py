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


def test_the_test_of_a_missing_lock_file_does_not_create_it(tmp_path: Path) -> None:
    assert not lock.is_held(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()


def test_a_process_that_inherits_a_lock_holds_it_until_its_end(tmp_path: Path) -> None:
    held = lock.acquire(tmp_path / "lock")
    assert held is not None
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[held]) as heir:
        os.close(held)

        assert lock.is_held(tmp_path / "lock")
        heir.communicate(b"\n")

    assert not lock.is_held(tmp_path / "lock")


def test_a_concurrent_test_of_the_lock_is_not_taken_for_its_holder(tmp_path: Path) -> None:
    # Given a process in the middle of is_held(), which holds the shared lock
    (tmp_path / "lock").touch()
    with (tmp_path / "lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)

        # Then the lock is free for another test, and not for a start
        assert not lock.is_held(tmp_path / "lock")
        assert lock.acquire(tmp_path / "lock") is None

    # And it is free when the test is over
    held = lock.acquire(tmp_path / "lock")
    assert held is not None
    os.close(held)
