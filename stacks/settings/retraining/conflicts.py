"""Conflicts between the settings of retraining, and with those of other parts."""

from collections.abc import Iterator

from stacks.settings.instance_conflicts import SettingValues
from stacks.settings.retraining.parsers import MANUAL, OFF, ON_DRIFT

# Settings that only a retraining reads.
TRAINING_SETTINGS = (
    "data",
    "approve",
    "weather",
    "judge_days",
    "training_instance_type",
    "training_spot",
    "training_hours",
)


def check_retraining(_: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence for each setting with which a model cannot be retrained."""
    if (retrain := values["retrain"]) == OFF:
        return
    if models := ",".join(values["models"]):
        yield (
            f"The setting retrain is {retrain!r}, and models is {models!r}: the versions of several models "
            "are released by a deployment only, so leave retrain out, or models."
        )
    if values["data"] is None:
        yield (
            f"The setting retrain is {retrain!r}, and data is not set: set data to the S3 URI of the folder "
            "with the rows, s3://bucket/folder/, or to own."
        )
    if retrain == ON_DRIFT and values["monitor"] == "off":
        yield (
            "The setting retrain is 'drift', and monitor is off, so that nothing finds drift: set monitor to "
            "daily, or retrain to monthly."
        )
    if seconds := values["reload"]:
        yield (
            f"The setting reload is {seconds}, and retrain is {retrain!r}: the function would follow another "
            "bundle than the one that a retraining releases, so leave reload out, or retrain."
        )


def check_unused(given: SettingValues, values: SettingValues) -> Iterator[str]:
    """Yields a sentence for each setting of retrainings in a stack that has none."""
    if values["retrain"] != OFF:
        return
    for name in TRAINING_SETTINGS:
        if name in given:
            value = str(given[name]).lower() if isinstance(given[name], bool) else repr(given[name])
            yield (
                f"The setting {name} is {value}, and retrain is off, so that nothing is trained: leave "
                f"{name} out, or set retrain to {MANUAL}."
            )
