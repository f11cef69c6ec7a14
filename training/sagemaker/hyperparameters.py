"""Hyperparameters of a training job, which are strings, as options of `python -m training`."""

import argparse
from collections.abc import Mapping, Sequence
from typing import NoReturn

from training.arguments import make_parser, parse
from training.sagemaker.errors import ContractError

# The hyperparameter that names the model; it is a positional argument of the command.
MODEL_PARAMETER = "model"
DATA_OPTION = "data"
# The hyperparameter that makes a job something else than a training, and its values.
TASK_PARAMETER, TRAIN_TASK, JUDGE_TASK = "task", "train", "judge"
# The hyperparameter of the weather, iem; files of weather are an input channel of the same name.
WEATHER_OPTION = "weather"
# The input channel of the rows, which takes the place of the option data.
TRAINING_CHANNEL = "training"
# Options of the command that are hyperparameters of the same name.
# The option without a value on a command line; a job's is true or false.
SWITCH = "simplest"
OPTIONS = (DATA_OPTION, WEATHER_OPTION, "seed", "tune", "cuts", "holdout", SWITCH)


class _Parser(argparse.ArgumentParser):
    """Raises ContractError instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        text = message.replace("argument --", "hyperparameter ")
        raise ContractError(f"The hyperparameters are invalid: {text}.")


def read_options(
    hyperparameters: Mapping[str, str], *, data: str | None, weather: str | None = None
) -> argparse.Namespace:
    """Parses the hyperparameters of a job as options of the command.

    Args:
        hyperparameters: The job's hyperparameters.
        data: Path or glob pattern of the files of the channel of rows; None without it.
        weather: The same for the channel of weather.

    Raises:
        ContractError: When a hyperparameter is unknown or has an invalid value.
    """
    known = (MODEL_PARAMETER, *OPTIONS)
    if unknown := sorted(hyperparameters.keys() - {*known, TASK_PARAMETER}):
        raise ContractError(f"Unknown hyperparameter {unknown[0]!r}: use {', '.join(known)}.")
    channels = {DATA_OPTION: data, WEATHER_OPTION: weather}
    check_given_once(channels, hyperparameters)
    values = {**hyperparameters, **{name: files for name, files in channels.items() if files is not None}}
    return parse(_arguments(values), make_parser(_Parser))


def check_given_once(channels: Mapping[str, str | None], hyperparameters: Mapping[str, str]) -> None:
    """Refuses a job that names the same data as an input channel and as a hyperparameter.

    Args:
        channels: Files of each channel, by the name of the hyperparameter; None for a channel it has not.
        hyperparameters: The job's hyperparameters.

    Raises:
        ContractError: When it does.
    """
    given = {name for name, files in channels.items() if files is not None}
    if twice := sorted(given & hyperparameters.keys()):
        raise ContractError(
            f"The job has both an input channel and the hyperparameter {twice[0]}: use one of them."
        )


def task_of(hyperparameters: Mapping[str, str]) -> str:
    """Returns the task of a job: TRAIN_TASK unless it has another one.

    Raises:
        ContractError: When there is no such task.
    """
    task = hyperparameters.get(TASK_PARAMETER, TRAIN_TASK)
    if task not in (TRAIN_TASK, JUDGE_TASK):
        raise ContractError(f"The hyperparameter task is {task!r}: give {TRAIN_TASK} or {JUDGE_TASK}.")
    return task


def _arguments(values: Mapping[str, str]) -> Sequence[str]:
    model = [values[MODEL_PARAMETER]] if MODEL_PARAMETER in values else []
    # With an equals sign, because argparse reads a separate value that begins with a dash as an option.
    given = [f"--{name}={values[name]}" for name in OPTIONS if name in values and name != SWITCH]
    return [*given, *_switch(values), "--", *model]


def _switch(values: Mapping[str, str]) -> Sequence[str]:
    value = values.get(SWITCH, "False")
    if value.lower() not in ("true", "false"):
        raise ContractError(f"The hyperparameter {SWITCH} is {value!r}: give true or false.")
    return [f"--{SWITCH}"] if value.lower() == "true" else []
