"""Figures of requests before, during and after an update."""

from benchmarks.load.open_loop import LOST, Answered, Response
from benchmarks.local_request_path.update_phases import (
    AFTER,
    BEFORE,
    DURING,
    WHOLE,
    Phase,
    Update,
    markdown,
    phases,
    verdict,
)

UPDATE = Update(start=10.0, end=20.0)


def answered(due: float, *, seconds: float = 0.01, status: int = 200, version: str = "old") -> Answered:
    body = f'{{"model":{{"version":"{version}"}}}}' if status == 200 else "no JSON"
    return Answered(due, seconds, Response(status, body.encode()))


def test_a_request_belongs_to_the_phase_in_which_it_was_due() -> None:
    # Given requests at the start and the end of the update, one that ends after it, and errors
    requests = [
        answered(9.99, seconds=5.0),
        answered(10.0, seconds=0.02),
        answered(19.99, version="new"),
        answered(15.0, status=502),
        answered(16.0, status=LOST),
        answered(20.0, version="new"),
    ]

    found = phases(requests, UPDATE)

    # Then
    assert found[BEFORE] == Phase(1, 1, 0, 0, [5.0], {"old": 1})
    assert found[DURING] == Phase(4, 2, 1, 1, [0.02, 0.01], {"old": 1, "new": 1})
    assert found[AFTER] == Phase(1, 1, 0, 0, [0.01], {"new": 1})
    assert found[WHOLE][:4] == (6, 4, 1, 1)


def test_the_table_has_counts_percentiles_and_the_answers_of_each_version() -> None:
    requests = [answered(number, seconds=(number + 1) / 1000) for number in range(9)]

    lines = markdown(phases(requests, UPDATE), ["old", "new"]).splitlines()

    assert lines[0] == (
        "| update | sent | answered | failed | lost | p50 ms | p99 ms | slowest ms | by old | by new |"
    )
    assert lines[2] == "| before | 9 | 9 | 0 | 0 | 5.0 | 9.0 | 9.0 | 9 | 0 |"
    assert lines[3] == "| during | 0 | 0 | 0 | 0 | - | - | - | 0 | 0 |"


def test_the_goal_is_missed_by_one_lost_or_failed_request() -> None:
    good = [answered(5.0), answered(15.0), answered(25.0)]

    met = verdict(phases(good, UPDATE), rate=50)
    lost = verdict(phases([*good, answered(11.0, status=LOST)], UPDATE), rate=50)
    failed = verdict(phases([*good, answered(11.0, status=504)], UPDATE), rate=50)

    assert (met.met, lost.met, failed.met) == (True, False, False)
    assert met.goal == "50 requests a second during an update: 0 lost, 0 failed"
    assert met.measured == "0 lost, 0 failed of 3; p99 10.0 ms before, 10.0 ms during, 10.0 ms after"
    assert lost.measured.startswith("1 lost, 0 failed of 4;")
