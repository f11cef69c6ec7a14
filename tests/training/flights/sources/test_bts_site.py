"""Downloads of monthly files from the BTS's site."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.flights.files import ROW, read, rows, text
from tests.training.flights.site import (
    MONTH,
    PATH,
    Request,
    Site,
    downloaded_rows,
    in_pieces,
    monthly_archive,
    partial_file,
    serving,
    status,
    with_ranges,
    without_ranges,
)


def test_a_month_is_downloaded_once(tmp_path: Path) -> None:
    site = Site(with_ranges(MONTH))

    with serving(site) as url:
        first, second = (read("bts:2018-01", tmp_path, site=url) for _ in range(2))

    assert site.requests == [(PATH, None)]
    assert rows(first) == rows(second) == 200 * [ROW]
    assert first.name == "US flights of 2018-01, from the BTS"
    assert not partial_file(tmp_path).exists()


@pytest.mark.slow
def test_a_year_is_downloaded_as_twelve_months(tmp_path: Path) -> None:
    def answer(request: Request) -> None:
        month = request.path.removesuffix(".zip").rpartition("_")[2]
        date = f"2018-{int(month):02d}-28"
        with_ranges(monthly_archive(text([{"flight_date": date}], "monthly BTS files")))(request)

    with serving(Site(answer)) as url:
        found = read("bts:2018", tmp_path, site=url)

    assert len(found) == 12
    assert found.period == ("2018-01-28", "2018-12-28")
    assert found.name == "US flights of 2018-01 to 2018-12, from the BTS"


@pytest.mark.parametrize(
    ("answers", "ranges"),
    [
        ([in_pieces(MONTH, pieces=20)], [None]),
        ([status(503), status(503), with_ranges(MONTH)], [None, None, None]),
        ([with_ranges(MONTH, size=1_000), with_ranges(MONTH)], [None, "bytes=1000-"]),
        (
            [with_ranges(MONTH, size=1_000), status(503), with_ranges(MONTH)],
            [None, "bytes=1000-", "bytes=1000-"],
        ),
        ([with_ranges(MONTH, size=1_000), without_ranges(MONTH)], [None, "bytes=1000-"]),
        ([with_ranges(MONTH, size=1_000)] * 8 + [with_ranges(MONTH)], None),
    ],
    ids=["slow", "busy", "interrupted", "interrupted and busy", "no ranges", "interrupted often"],
)
def test_a_month_is_downloaded_despite_slow_busy_and_interrupted_connections(
    answers: list[Callable[[Request], None]], ranges: list[str | None] | None, tmp_path: Path
) -> None:
    site = Site(*answers)

    assert downloaded_rows(site, tmp_path) == 200
    assert ranges in (None, [range_ for _, range_ in site.requests])


def test_a_monthly_file_of_the_old_layout_is_downloaded(tmp_path: Path) -> None:
    old = monthly_archive(text([{}], "monthly BTS files before August 2018"))

    assert downloaded_rows(Site(with_ranges(old)), tmp_path) == 1
