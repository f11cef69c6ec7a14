"""Quantiles of a second target in the report: coverage of the range and pinball loss by situation."""

from collections.abc import Iterator

from bundle import Quantiles
from training.evaluation.confidence_intervals import MetricEstimate
from training.evaluation.manifest_metrics import BASELINE
from training.quantiles.quantile_metrics import COVERAGE, PINBALL_LOSS, quantile_estimate
from training.report.html_elements import Markup, element, joined, table
from training.report.metric_titles import metric_title, sentence_case
from training.report.training_report import TrainingReport

_METRICS = (COVERAGE, PINBALL_LOSS)
_BASELINE_TITLE = "the training rows' quantiles"


def quantile_section(report: TrainingReport, quantiles: Quantiles) -> Markup:
    """Returns the metrics of the quantiles with their intervals, and those of the same quantiles for all."""
    low, _, high = quantiles.levels
    return joined(
        (
            element(
                "p",
                f"A request with {quantiles.name}=true gets {quantiles.description}: the median, and the "
                f"range from the quantile {low:g} to the quantile {high:g}. The range is made to contain the "
                f"value of {quantiles.coverage:.0%} of the rows; coverage is the share of test rows whose "
                "value it contains. Pinball loss is the mean over the three quantiles: lower is better.",
            ),
            table(
                ["", *(sentence_case(metric_title(name)) for name in _METRICS)],
                (
                    [sentence_case(title), *(_cell(found[name], name) for name in _METRICS)]
                    for title, found in _rows(report, quantiles)
                ),
            ),
        )
    )


def quantile_lines(report: TrainingReport) -> Iterator[str]:
    """Yields one line for each situation, as text; none without a second target."""
    if not report.quantiles:
        return
    quantiles = report.quantiles
    yield f"  {quantiles.name}    median and range of {quantiles.coverage:.0%}:"
    for title, found in _rows(report, quantiles):
        loss, share = found[PINBALL_LOSS], found[COVERAGE]
        ends = f" ({share.low:.3f} to {share.high:.3f})" if share.has_interval else ""
        yield f"    {title:36}coverage {share.value:.3f}{ends}, pinball loss {loss.value:.4g}"


def _rows(report: TrainingReport, quantiles: Quantiles) -> Iterator[tuple[str, dict[str, MetricEstimate]]]:
    titles = {**report.situations, f"_{BASELINE}": _BASELINE_TITLE}
    for suffix, title in titles.items():
        yield (
            title,
            {name: quantile_estimate(quantiles.metrics, f"{name}{suffix}") for name in _METRICS},
        )


def _cell(estimate: MetricEstimate, name: str) -> Markup:
    digits = ".1%" if name == COVERAGE else ".3f"
    ends = f"{estimate.low:{digits}} to {estimate.high:{digits}}" if estimate.has_interval else "no interval"
    return joined((f"{estimate.value:{digits}}", element("span", ends, class_="range")))
