"""Memory budget and resident memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving.workers.process_memory import memory_budget


def machine() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("name", ["sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"])
def test_the_budget_is_four_fifths_of_the_limit_of_the_container(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("1000000000\n")

    assert memory_budget(tmp_path) == 800_000_000


@pytest.mark.parametrize("text", ["max\n", f"{1 << 62}\n"])
def test_without_a_limit_the_budget_is_four_fifths_of_the_memory_of_the_machine(
    tmp_path: Path, text: str
) -> None:
    limit = tmp_path / "sys" / "fs" / "cgroup" / "memory.max"
    limit.parent.mkdir(parents=True)
    limit.write_text(text)

    assert memory_budget(tmp_path) == memory_budget(tmp_path / "nowhere") == int(0.8 * machine())


def test_allocated_memory_is_resident_memory() -> None:
    # In a separate process without other threads.
    program = (
        "import os; from serving.workers.process_memory import resident_bytes; before = resident_bytes();"
        "taken = bytearray(os.urandom(1) * (50 << 20)); print(resident_bytes() - before)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert 45 << 20 < int(done.stdout) < 60 << 20
