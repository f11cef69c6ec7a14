"""Benchmark of the steps of a request: durations_of, a run of the real server, the table and the picture."""

import re
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.steps.measurement import StepFigures, measure
from benchmarks.steps.report import markdown
from benchmarks.steps.stamps import Stamp, Stamps, read_stamps
from benchmarks.steps.step import POINTS, STEPS
from benchmarks.steps.step_durations import RoundTrip, StepDurations, durations_of, typical
from benchmarks.steps.timeline import timeline
from tests.docs.markdown import tables
from tests.tiny_bundle import write_tiny_bundle

SERVER_POINTS = POINTS[1:-1]


def stamps_of(begin: int) -> list[Stamp]:
    """Stamps of a request, one microsecond after the other."""
    return [Stamp(begin + 1_000 * place, point) for place, point in enumerate(SERVER_POINTS, start=1)]


def trip(begin: int) -> RoundTrip:
    return RoundTrip(begin, begin + 1_000 * len(STEPS))


def figures(durations: tuple[float, ...]) -> StepFigures:
    return StepFigures(
        model="flights 1",
        rounds=2,
        requests=500,
        unstamped=180.4,
        stamped=190.2,
        processor={"front": 60.0, "worker": 90.0},
        stamp=0.31,
        typical=StepDurations(durations),
        complete=1.0,
    )


def test_the_steps_of_a_request_add_up_to_its_round_trip() -> None:
    (found,) = durations_of([RoundTrip(500, 100_000)], stamps_of(1_000))

    assert found.steps[0] == 1.5
    assert {*found.steps[1:-1]} == {1.0}
    assert found.microseconds == pytest.approx(99.5)


def test_stamps_go_to_the_request_that_was_under_way() -> None:
    stamps = [*stamps_of(200_000), *stamps_of(0)]

    found = [*durations_of([trip(0), trip(200_000)], stamps)]

    assert [request.steps for request in found] == [(1.0,) * len(STEPS)] * 2


@pytest.mark.parametrize(
    "stamps",
    [
        stamps_of(0)[1:],
        [*stamps_of(0), Stamp(1_500, "worker has read")],
        [
            Stamp(stamp.time, point)
            for stamp, point in zip(stamps_of(0), reversed(SERVER_POINTS), strict=True)
        ],
    ],
    ids=["a point is missing", "a point is reached twice", "another order"],
)
def test_a_request_that_met_something_else_is_left_out(stamps: list[Stamp]) -> None:
    assert [*durations_of([trip(0)], stamps)] == []


def test_a_typical_request_is_the_mean_of_those_around_the_median_of_the_round_trips() -> None:
    rest = (0.0,) * (len(STEPS) - 1)
    found = typical([StepDurations((value, *rest)) for value in (1, 1, 1, 1, 4, 6, 90, 90, 90, 90)])

    assert found.steps == (5.0, *rest)
    with pytest.raises(BenchmarkError, match="only 9 requests"):
        typical([StepDurations((1.0, *rest))] * 9)


def test_stamps_are_read_as_they_were_written_up_to_the_capacity(tmp_path: Path) -> None:
    stamps = Stamps(tmp_path / "stamps", ["begin", "end"], capacity=3)
    wrapped = stamps.wrap(divmod, begin="begin", end="end")

    assert [wrapped(7, 2), wrapped(9, 5)] == [(3, 1), (1, 4)]

    found = [*read_stamps(tmp_path / "stamps", ["begin", "end"])]
    assert [stamp.point for stamp in found] == ["begin", "end", "begin"]
    assert sorted(found) == found


@pytest.mark.slow
def test_a_request_to_the_real_server_reaches_every_point_in_order(tmp_path: Path) -> None:
    """Two processes over real sockets; a point that the product no longer has would leave no request."""
    # Given
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz")

    # When
    found = measure(tmp_path / "model.tar.gz", bundle, rounds=1, requests=40, warm_up=2_000)

    # Then
    assert found.complete > 0
    assert len(found.typical.steps) == len(STEPS)
    assert min(found.typical.steps) > 0
    assert {*found.processor} == {"front", "worker"}


def test_the_table_has_a_row_for_each_step_with_its_share_and_limit(tmp_path: Path) -> None:
    page = tmp_path / "steps.md"
    page.write_text(markdown(figures((25.0,) + (8.0,) * 9), date="2026-11-28", machine="two cores"))

    rows = tables(page)["step"]

    assert rows[0] == [STEPS[0].title, "25.0", "26%", "worker", STEPS[0].limit]
    assert [row[0] for row in rows[:-1]] == [step.title for step in STEPS]
    assert rows[-1][:3] == ["round trip", "97.0", "100%"]
    assert "answers in 180 µs" in page.read_text()
    assert "150 µs of processor time a request: 60 µs in the front and 90 µs" in page.read_text()


def test_the_bars_of_the_picture_follow_each_other_and_fill_the_time() -> None:
    picture = timeline(figures((25.0,) + (8.0,) * 9), caption="a < b")

    bars = re.findall(r'<rect x="([0-9.]+)" y="[0-9]+" width="([0-9.]+)".*<title>', picture)
    starts = [float(start) for start, _ in bars]
    ends = [float(start) + float(width) for start, width in bars]
    assert len(bars) == len(STEPS)
    assert starts[1:] == pytest.approx([end + 1 for end in ends[:-1]], abs=0.2)
    assert "a &lt; b" in picture
