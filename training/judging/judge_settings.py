"""Settings of the judge, which decide, with their defaults."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

import msgspec

from training.errors import TrainingError

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
_Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Factor: TypeAlias = Annotated[float, msgspec.Meta(ge=1)]


class JudgeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the judge.

    A loss is how much worse the challenger is than the champion. Of a score (ROC AUC, accuracy, R²) it is the
    difference, of an error (Brier score, log loss, mean absolute error) its share of the champion's error.

    Attributes:
        min_rows: Fewest rows that neither has learned from.
        min_days: Fewest days of these rows, where they have dates.
        min_learned: Rows that the challenger has learned from, at least, as a share of the champion's.
        negligible_loss: Loss that does not matter, even beyond the noise of the days: two fits of one recipe
            on the same rows differ as much, by their seeds.
        largest_loss: Loss that the rows must exclude; the upper end of its interval counts.
        calibration_error: Calibration error of a binary model that is always good enough.
        calibration_loss: By how much a larger calibration error may exceed the champion's beyond noise.
        slice_rows: Fewest rows of a part of the rows that is compared on its own.
        slice_loss: Loss in one part of the rows that does not matter.
        suspicious_gain: Share of what the champion's score lacks to a perfect one, on the same rows or in its
            manifest; a challenger that gains more is suspected of a leak.
        times_larger: Size of the challenger's graph, at most, in sizes of the champion's.
        times_slower: Processor time of the challenger's graph, at most, in times of the champion's.
        negligible_microseconds: Processor time of a row that is never too much.
    """

    min_rows: _Count = 200
    min_days: _Count = 7
    min_learned: _Share = 0.5
    negligible_loss: _Share = 0.01
    largest_loss: _Share = 0.05
    calibration_error: _Share = 0.05
    calibration_loss: _Share = 0.02
    slice_rows: _Count = 200
    slice_loss: _Share = 0.05
    suspicious_gain: _Share = 0.5
    times_larger: _Factor = 2.0
    times_slower: _Factor = 3.0
    negligible_microseconds: Annotated[float, msgspec.Meta(ge=0)] = 2.0


def read_judge_settings(settings: Mapping[str, str]) -> JudgeSettings:
    """Reads the settings from texts; settings that are not given have their defaults.

    Raises:
        TrainingError: When a setting is unknown, or its value is out of range.
    """
    names = JudgeSettings.__struct_fields__
    if unknown := [name for name in settings if name not in names]:
        raise TrainingError(f"The judge has no setting {unknown[0]!r}: there are {', '.join(names)}.")
    try:
        return msgspec.convert(dict(settings), JudgeSettings, strict=False)
    except msgspec.ValidationError as error:
        raise TrainingError(f"A setting of the judge is wrong ({error}): correct it.") from error
