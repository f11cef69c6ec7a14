"""Hyperparameters, which are strings, as the options of the command."""

import argparse
from collections.abc import Mapping, Sequence
from typing import NoReturn

from training.arguments import make_parser, parse
from training.sagemaker.errors import ContractError

MODEL = "model"
DATA = "data"
# Options of the command that mean the same in a container.
OPTIONS = (DATA, "seed", "tune")


class _Parser(argparse.ArgumentParser):
    """Refuses with a sentence instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        sentence = message.replace("argument --", "hyperparameter ")
        raise ContractError(f"The hyperparameters cannot be used: {sentence}.")


def read_options(hyperparameters: Mapping[str, str], *, data: str | None) -> argparse.Namespace:
    """The options of the command that a job's hyperparameters stand for.

    Args:
        hyperparameters: The job's own.
        data: Its channel as a path or a pattern of paths, None without one.

    Raises:
        ContractError: One is unknown, or its value cannot be.
    """
    known = (MODEL, *OPTIONS)
    if unknown := sorted(hyperparameters.keys() - set(known)):
        raise ContractError(f"There is no hyperparameter {unknown[0]!r}: there are {', '.join(known)}.")
    if data is not None and DATA in hyperparameters:
        raise ContractError("The job has a channel and a hyperparameter data: give one of them.")
    told = {**hyperparameters, **({} if data is None else {DATA: data})}
    return parse(_words(told), make_parser(_Parser))


def _words(told: Mapping[str, str]) -> Sequence[str]:
    model = [told[MODEL]] if MODEL in told else []
    # With an equals sign, or a value that begins with a dash would be taken for an option.
    return [*(f"--{name}={told[name]}" for name in OPTIONS if name in told), "--", *model]
