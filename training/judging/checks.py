"""Checks of the judge: each is one sentence with figures, and whether it lets the challenger pass."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from bundle import changed_parts
from bundle.texts.counted_noun import counted
from training.data.dataset import Dataset
from training.evaluation.metrics import CALIBRATION_ERROR, HIGHER_IS_BETTER
from training.judging.contender import Contender
from training.judging.differences import DECIDING, Difference
from training.judging.judge_settings import JudgeSettings
from training.judging.slice_differences import PartDifference
from training.model import Model, Situation
from training.report.metric_titles import metric_title, sentence_case

# Score of a model that knows nothing.
_CHANCE = {"roc_auc": 0.5, "accuracy": 0.0, "r2": 0.0}
_MOST_LOST_PARTS = 3


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A check of the judge.

    Attributes:
        name: What is checked.
        passes: Whether the challenger passes it.
        sentence: Why, with figures.
    """

    name: str
    passes: bool
    sentence: str


def bundle_checks(contenders: Sequence[Contender], rule: JudgeSettings) -> Iterator[Check]:
    """Checks champion and challenger without any row: version, interface, golden rows, learned rows, size."""
    champion, challenger = contenders
    one, two = champion.manifest, challenger.manifest
    changed = changed_parts(one, two)
    other = one.version != two.version
    yield _check(
        "version",
        other,
        f"The challenger {two.version} is another version than the champion {one.version}."
        if other
        else f"Champion and challenger are the same version, {one.version}: there is nothing to release.",
    )
    yield _check(
        "interface",
        not changed,
        f"The challenger's interface is not the champion's, because of {', '.join(changed)}: deploy the code "
        "with its bundle instead."
        if changed
        else "Both have the same fields, labels and task.",
    )
    missed = challenger.missed_golden_rows()
    yield _check(
        "golden rows",
        not missed,
        f"The challenger's graph misses {missed} of its {len(two.golden)} golden rows."
        if missed
        else f"The challenger's graph predicts its {len(two.golden)} golden rows.",
    )
    yield _check(
        "learned rows",
        challenger.learned_rows >= rule.min_learned * champion.learned_rows,
        f"The challenger has learned from {counted(challenger.learned_rows, 'row')}, the champion from "
        f"{champion.learned_rows:,}; at least {rule.min_learned:.0%} of these are wanted.",
    )
    sizes = len(champion.bundle.model), len(challenger.bundle.model)
    yield _check(
        "size",
        sizes[1] <= rule.times_larger * sizes[0],
        f"The challenger's graph has {sizes[1]:,} bytes, the champion's {sizes[0]:,}; at most "
        f"{rule.times_larger:g} times as many are allowed.",
    )


def amount_checks(rows: Dataset, described: str, rule: JudgeSettings) -> Iterator[Check]:
    """Checks that there are enough rows, and enough days where they have dates."""
    count = len(rows)
    verb = "is" if count == 1 else "are"
    sentence = f"{counted(count, 'row')} {verb} {described}; at least {rule.min_rows:,} are wanted."
    yield _check("rows", count >= rule.min_rows, sentence)
    if rows.dates is not None:
        days = len(np.unique(rows.dates))
        sentence = f"The rows are of {days:,} days; at least {rule.min_days:,} are wanted."
        yield _check("days", days >= rule.min_days, sentence)


def quality_checks(
    model: Model,
    situation: Situation,
    differences: Mapping[str, Difference],
    promised: float | None,
    rule: JudgeSettings,
) -> Iterator[Check]:
    """Checks the metrics in one situation: not worse beyond noise, calibrated, not suspiciously good.

    Args:
        model: The model.
        situation: The situation.
        differences: Differences of its metrics.
        promised: The first deciding metric in the champion's manifest; None where it states none.
        rule: The settings of the judge.
    """
    where = f" ({situation.description})" if len(model.situations) > 1 else ""
    for metric in DECIDING[model.task]:
        yield _not_worse(metric, where, differences[metric], rule)
    if CALIBRATION_ERROR in differences:
        yield _calibrated(where, differences[CALIBRATION_ERROR], rule)
    score = DECIDING[model.task][0]
    yield _not_suspicious(score, where, differences[score], promised, rule)


def slice_check(parts: Sequence[PartDifference], rule: JudgeSettings) -> Check:
    """Checks that no part of the rows is lost; the parts begin with the one that loses most."""
    lost = [part for part in parts if part.own_loss.low > 0 and part.own_loss.value > rule.slice_loss]
    if not lost:
        return _check(
            "slices", True, f"No part of the rows is lost, of {len(parts):,}. The worst: {_part(parts[0])}."
        )
    others = len(lost) - _MOST_LOST_PARTS
    rest = f", and {others:,} other parts" if others > 0 else ""
    return _check(
        "slices",
        False,
        f"The challenger is worse beyond noise in {len(lost):,} of {len(parts):,} parts of the rows: "
        f"{'; '.join(map(_part, lost[:_MOST_LOST_PARTS]))}{rest}.",
    )


def speed_check(microseconds: Sequence[float], rule: JudgeSettings) -> Check:
    """Checks the processor time of a row.

    Only the sentence of a refusal has the time: measured again it is another one, and a verdict that passes
    has the same bytes each time.
    """
    champion, challenger = microseconds
    if challenger <= max(rule.times_slower * champion, rule.negligible_microseconds):
        return _check(
            "speed",
            True,
            f"The challenger's graph takes at most {rule.times_slower:g} times as long as the champion's, or "
            f"{rule.negligible_microseconds:g} microseconds a row.",
        )
    return _check(
        "speed",
        False,
        f"The challenger's graph takes {challenger:.1f} microseconds of processor time a row, the champion's "
        f"{champion:.1f}; at most {rule.times_slower:g} times as many are allowed.",
    )


def _not_worse(metric: str, where: str, difference: Difference, rule: JudgeSettings) -> Check:
    loss, title = difference.loss(metric), f"{sentence_case(metric_title(metric))}{where}"
    figures = _figures(difference)
    if not loss.has_interval:
        sentence = (
            f"{title} cannot be compared, because one day does not show how much days differ: {figures}."
        )
        return _check(metric, False, sentence)
    if loss.low > 0 and loss.value > rule.negligible_loss:
        return _check(metric, False, f"{title} is worse beyond noise: {figures}.")
    if loss.high > rule.largest_loss:
        most = f"{rule.largest_loss:g}" if metric in HIGHER_IS_BETTER else f"{rule.largest_loss:.0%}"
        sentence = f"{title} may be worse by more than {most}: {figures}. More rows and days would tell."
        return _check(metric, False, sentence)
    return _check(metric, True, f"{title} is not worse beyond noise: {figures}.")


def _calibrated(where: str, difference: Difference, rule: JudgeSettings) -> Check:
    # A season may have another level than all before it, for which neither is to blame.
    is_worse = difference.difference < -rule.calibration_loss and not difference.high >= 0
    title, figures = f"The calibration error{where}", _figures(difference)
    if difference.challenger <= rule.calibration_error:
        return _check(CALIBRATION_ERROR, True, f"{title} is at most {rule.calibration_error:g}: {figures}.")
    if is_worse:
        sentence = f"{title} is above {rule.calibration_error:g} and worse beyond noise: {figures}."
        return _check(CALIBRATION_ERROR, False, sentence)
    most = f"no more than {rule.calibration_loss:g} worse beyond noise"
    return _check(
        CALIBRATION_ERROR, True, f"{title} is above {rule.calibration_error:g}, but {most}: {figures}."
    )


def _not_suspicious(
    score: str, where: str, difference: Difference, promised: float | None, rule: JudgeSettings
) -> Check:
    """Suspects a leak in a challenger that is much better than the champion, or than the champion's promise.

    The promise counts too, because a field of the rows that knows the outcome helps the champion as well.
    """
    title = f"{sentence_case(metric_title(score))}{where}"
    found = [
        (difference.champion, difference.high < 0, f"{_figures(difference)}. That is"),
        (
            difference.champion if promised is None else promised,
            promised is not None,
            f"{difference.challenger:.4f}, and the champion's manifest states {promised}. The difference is",
        ),
    ]
    for before, counts, figures in found:
        floor = max(before, _CHANCE[score])
        gain, lacking = difference.challenger - floor, 1 - floor
        if counts and gain > rule.suspicious_gain * lacking:
            sentence = (
                f"{title} is suspiciously good: {figures} {gain / lacking:.0%} of what the champion lacks to "
                "a perfect score, so a field may know the outcome, or the challenger may have learned from "
                "these rows. A person has to look, and may approve it."
            )
            return _check("leak", False, sentence)
    return _check("leak", True, f"{title} is not suspiciously good.")


def _part(part: PartDifference) -> str:
    return (
        f"{part.slice} {part.part} ({part.situation}, {counted(part.rows, 'row')}) with "
        f"{metric_title(part.metric)} {_figures(part)}"
    )


def _figures(difference: Difference) -> str:
    interval = (
        f" (champion minus challenger {difference.difference:+.4f}, 95 % interval {difference.low:+.4f} to "
        f"{difference.high:+.4f})"
        if difference.low == difference.low  # NaN alone differs from itself
        else ""
    )
    return f"{difference.challenger:.4f} against the champion's {difference.champion:.4f}{interval}"


def _check(name: str, passes: bool, sentence: str) -> Check:
    return Check(name=name, passes=passes, sentence=sentence)
