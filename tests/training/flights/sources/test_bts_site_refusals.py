"""Months that cannot be downloaded from the BTS's site: each is refused in one sentence."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.flights.files import read, text
from tests.training.flights.site import (
    MONTH,
    Request,
    Site,
    downloaded_rows,
    monthly_archive,
    status,
    with_ranges,
    without_length,
)
from training.errors import TrainingError


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (status(404), r"has no flights of 2018-01 \(404 at http://.*2018_1\.zip\)"),
        (status(403), r"refuses the flights of 2018-01 with status 403"),
        (status(503), r"2018_1\.zip cannot be downloaded \(it answered with status 503\)"),
        (
            status(200, b"<html>We are down</html>"),
            r"For flights of 2018-01 the site answered with text/html instead of a zip archive",
        ),
        (with_ranges(MONTH, size=0), r"cannot be downloaded \(.*\): the partial download is kept"),
        (without_length(MONTH[:-1_000]), r"The download from .* is truncated or damaged"),
        (
            with_ranges(monthly_archive(text([{}]))),
            r"has no column FlightDate .*: the site has changed its layout",
        ),
        (
            with_ranges(monthly_archive(text([{}], "monthly BTS files").replace("ArrDelay", "Late"))),
            "no column ArrDelay:",
        ),
    ],
    ids=[
        "not found",
        "forbidden",
        "busy",
        "page",
        "interrupted",
        "truncated",
        "other columns",
        "missing column",
    ],
)
def test_a_failed_download_is_refused_in_one_sentence_and_leaves_no_file(
    answer: Callable[[Request], None], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=sentence) as refusal:
        downloaded_rows(Site(answer), tmp_path)

    assert "\n" not in str(refusal.value)
    assert list((tmp_path / "bts").iterdir()) == []


@pytest.mark.parametrize(
    ("month", "sentence"),
    [
        ("1987-09", "There are no flights of 1987-09: the BTS's files begin with 1987-10"),
        ("1987-10", "published long ago, so the site has moved the file or lost it for now"),
        ("2018-01", "published long ago"),
        ("2026-08", "a month is published about two months after its end"),
        ("2026-11", "a month is published about two months after its end"),
        ("2026-12", "the month has not begun"),
    ],
)
def test_a_missing_month_is_refused_with_the_reason_that_is_true_for_it(
    month: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=sentence):
        downloaded_rows(Site(status(404)), tmp_path, month, today=lambda: datetime.date(2026, 11, 27))


def test_an_archive_of_another_month_is_refused_and_deleted(tmp_path: Path) -> None:
    site = Site(with_ranges(monthly_archive(text([{"flight_date": "2018-02-01"}], "monthly BTS files"))))

    with pytest.raises(TrainingError, match=r"should have the flights of 2018-01 but has those of 2018-02"):
        downloaded_rows(site, tmp_path)

    assert list((tmp_path / "bts").iterdir()) == []


def test_a_month_that_another_process_downloads_is_refused(tmp_path: Path) -> None:
    def answer(request: Request) -> None:
        with pytest.raises(TrainingError, match="Another process is downloading") as refusal:
            read("bts:2018-01", tmp_path, site="http://127.0.0.1:9", sleep=lambda _: None)
        refusals.append(refusal)
        with_ranges(MONTH)(request)

    refusals: list[object] = []

    assert downloaded_rows(Site(answer), tmp_path) == 200
    assert len(refusals) == 1
