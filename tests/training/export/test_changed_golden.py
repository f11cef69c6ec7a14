import datetime

from bundle import Golden, Manifest, Metrics
from tests.training.toys import fitted_toy
from training.export.golden_rows import changed_by_reading
from training.export.verified_bundle import write_bundle


def manifest(tmp_path: object) -> Manifest:
    data, split, fitted = fitted_toy()
    return write_bundle(tmp_path / "m", name="toy", data=data, split=split, fitted=fitted).bundle.manifest  # type: ignore[operator]


def test_a_value_that_json_lacks_is_named_with_field_row_and_cause(tmp_path: object) -> None:
    written = manifest(tmp_path)
    day = datetime.date(2024, 1, 1)
    first, *others = written.golden
    golden = (Golden(instance={**first.instance, "kind": day}, prediction=first.prediction), *others)

    reason = changed_by_reading(written, written.metrics, golden)

    assert "in row 0 the field 'kind' is datetime.date(2024, 1, 1) (date) and was read back as 'c' (str)" in (
        reason.replace("'a'", "'c'").replace("'b'", "'c'")
    )
    assert "because JSON has no such type" in reason


def test_a_metric_or_a_prediction_that_differs_is_named(tmp_path: object) -> None:
    written = manifest(tmp_path)
    values = {**written.metrics.values, "roc_auc": 0.5}
    golden = (*written.golden[:-1], Golden(instance=written.golden[-1].instance, prediction={"label": "no"}))

    assert changed_by_reading(written, written.metrics, written.golden) == ""
    assert "the metric roc_auc that its manifest states: it is 0.5, stated as" in changed_by_reading(
        written, Metrics(split=written.metrics.split, values=values), written.golden
    )
    assert "it predicts {'label': 'no'} for row" in changed_by_reading(written, written.metrics, golden)
