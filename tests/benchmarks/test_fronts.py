"""Benchmark of workers and fronts: cores, a run on this machine, and the table."""

import os
import shutil
from pathlib import Path

import pytest

from benchmarks.fronts.__main__ import SELF_CHECK_MODEL, Row, markdown, split_cores
from benchmarks.fronts.server_on_cores import ServerOnCores


@pytest.mark.parametrize(
    ("cores", "server", "load"),
    [
        ([0, 1], [0], [1]),
        ([4, 5, 6, 7], [4, 5, 6], [7]),
        (list(range(16)), list(range(12)), [12, 13, 14, 15]),
    ],
)
def test_the_load_has_a_quarter_of_the_cores(cores: list[int], server: list[int], load: list[int]) -> None:
    assert split_cores(cores) == (server, load)


def test_the_table_has_the_medians_and_the_ratio_to_the_first_row() -> None:
    one = [Row(1, 1, rate, 10, 20, 0, 64, 64, 0.5, 100) for rate in (900.0, 1_000.0, 5_000.0)]
    eleven = [Row(11, 6, 8_000.0, 11, 21, 0.01, 10, 12, 0.95, 700)]

    lines = markdown([one, eleven]).splitlines()

    assert lines[-2].startswith("| 1 | 1 | 1,000 | 1.00 | 10.0 | 20.0 | 0.00 | 64 to 64 | 50% | 100 |")
    assert lines[-1].startswith("| 11 | 6 | 8,000 | 8.00 | 11.0 | 21.0 | 0.01 | 10 to 12 | 95% | 700 |")
    assert {line.count("|") for line in lines[2:]} == {11}


def test_the_processes_of_a_server_are_known_by_their_role(tmp_path: Path) -> None:
    shutil.copytree(SELF_CHECK_MODEL, tmp_path / "model")
    with ServerOnCores(tmp_path, cores=f"{min(os.sched_getaffinity(0))}", workers=3, fronts=2) as server:
        assert server.parent
        assert (len(server.fronts), len(server.workers)) == (2, 3)
        assert server.cpu_seconds()["workers"] > 0
        assert [count > 0 for count in server.descriptors()] == [True, True]
        assert server.memory() > 0
