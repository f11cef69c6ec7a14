"""Benchmark of the invoker: its table, and its goals."""

from dataclasses import replace

from benchmarks.invoker.report import InvokerFigures, markdown, verdicts

FIGURES = InvokerFigures(
    cold={
        "unsigned_request": [19.0, 21.0, 20.0],
        "our_invoker": [82.0, 81.0, 101.0],
        "boto3_client": [160.0] * 3,
    },
    latencies={
        "unsigned_request": [(130.0, 200.0), (140.0, 180.0), (135.0, 190.0)],
        "our_invoker": [(500.0, 600.0), (440.0, 650.0), (560.0, 700.0)],
        "boto3_client": [(1_600.0, 2_000.0)] * 3,
    },
    own_code=[3.4, 3.2, 3.3],
)


def test_the_table_has_medians_and_minima_and_what_a_request_takes_beyond_an_unsigned_one() -> None:
    lines = markdown(FIGURES).splitlines()

    assert lines[2:5] == [
        "| unsigned_request | 20 (19) | 135 (130) | 190 (180) | 0 |",
        "| our_invoker | 82 (81) | 500 (440) | 650 (600) | 365 |",
        "| boto3_client | 160 (160) | 1,600 (1,600) | 2,000 (2,000) | 1,465 |",
    ]
    assert lines[-1] == "The invoker's own code takes 3.3 ms (3.2) of its import."


def test_the_goals_are_of_the_cold_start_and_of_the_time_that_the_invoker_adds() -> None:
    cold, added = verdicts(FIGURES)
    slow, _ = verdicts(replace(FIGURES, cold={**FIGURES.cold, "our_invoker": [101.0]}))

    assert (cold.met, added.met, slow.met) == (True, True, False)
    assert (cold.measured, added.measured) == ("82 ms", "0.365 ms")
