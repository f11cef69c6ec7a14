"""The tables and the picture of a run."""

from xml.etree import ElementTree

from benchmarks.figures.bar_chart import svg
from benchmarks.figures.results import CAPACITY, Record
from benchmarks.figures.tables import markdown, table
from benchmarks.serving.contender import FASTAPI, FLASK, OURS
from tests.benchmarks.figures.records import record, run, sample

RECORDS = {FASTAPI: record(CAPACITY, 20, 30, 25), OURS: record(CAPACITY, 100, 130, 110)}


def test_a_table_is_markdown_with_its_numbers_to_the_right() -> None:
    assert table([("a", "b"), ("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |"


def test_the_fastest_comes_first_with_its_median_and_range() -> None:
    lines = markdown(run(RECORDS)).splitlines()

    first, second = [line for line in lines if "110 (100-130)" in line or "25 (20-30)" in line]
    assert first.startswith("| this project |")
    assert second.startswith("| FastAPI")


def test_the_ratio_to_each_rival_is_shown() -> None:
    assert "| FastAPI, uvicorn, the same ONNX | - | - | 4.4 (4.33-5) | 1 |" in markdown(run(RECORDS))


def test_who_was_not_measured_is_told_with_the_reason() -> None:
    told = run(RECORDS)
    told.skipped = {FLASK: "it needs the package nginx-light."}

    assert (
        "Not measured: Flask, gunicorn, nginx, scikit-learn: it needs the package nginx-light."
        in markdown(told)
    )


def test_a_server_that_did_not_have_its_core_is_named() -> None:
    idle = Record(
        samples={CAPACITY.key: [sample(100, busy=0.5)]},
        paced=RECORDS[OURS].paced,
        starts=RECORDS[OURS].starts,
    )

    text = markdown(run({FASTAPI: RECORDS[FASTAPI], OURS: idle}))

    assert "The shares used: this project (50%)." in text


def test_the_picture_has_a_bar_as_long_as_the_throughput() -> None:
    root = ElementTree.fromstring(svg(run(RECORDS)))  # noqa: S314  # our own

    bars = [float(rect.get("width", 0)) for rect in root if rect.tag.endswith("rect")][1:]
    texts = [text.text for text in root if text.tag.endswith("text")]
    assert len(bars) == 2
    assert round(bars[0] / bars[1], 1) == 4.4
    assert {"110", "25"} <= set(texts)
