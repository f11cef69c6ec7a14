"""Interval of a manifest."""

import pytest

from bundle import BundleError, Golden, Interval, Manifest
from tests.tiny_bundle import tiny_manifest

INTERVAL = Interval(level=0.9, half_width=1.5, coverage=0.91)


def regression(interval: Interval) -> Manifest:
    return tiny_manifest(
        task="regression",
        labels=(),
        positive_label=None,
        threshold=None,
        golden=(Golden(instance={"size": 0}, prediction={"value": 1.0}),),
        interval=interval,
    )


def test_a_manifest_with_an_interval_has_format_4_and_is_read_back_as_written() -> None:
    sealed = regression(INTERVAL).sealed(b"")

    assert sealed.format == 4
    assert Manifest.decode(sealed.encode()) == sealed


def test_an_interval_of_a_classifier_or_without_a_level_is_refused() -> None:
    with pytest.raises(BundleError, match="an interval that is not of a regression"):
        tiny_manifest(interval=INTERVAL).check()
    with pytest.raises(BundleError, match="level is not between 0 and 1"):
        regression(Interval(level=1.0, half_width=1.5, coverage=1.0)).check()


def test_a_golden_row_states_the_value_only() -> None:
    golden = Golden(instance={}, prediction={"value": 1.0})

    assert golden.matches({"value": 1.0, "interval": {"low": -0.5, "high": 2.5}})
    assert not golden.matches({"value": 1.1, "interval": {"low": -0.5, "high": 2.5}})
    assert not golden.matches({"value": 1.0, "label": "yes"})
