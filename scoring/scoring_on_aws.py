"""Scoring on AWS: `--on aws` runs the command that scores files in S3 with the model of a deployed stack."""

import argparse
import sys
from collections.abc import Sequence

HERE, AWS = "here", "aws"
SCORING_PLACES = (HERE, AWS)


def aws_command(arguments: Sequence[str]) -> list[str] | None:
    """Returns the command line that scores files on AWS.

    Args:
        arguments: The arguments of `python -m scoring`.

    Returns:
        The command, which gets all other arguments; None when the files are scored on this machine.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--on", choices=SCORING_PLACES, default=HERE)
    parser.add_argument("--model")
    try:
        options, others = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        # The parser of the command refuses it, with its own usage.
        return None
    if options.on == HERE:
        return None
    context = [f"--context=model={options.model}"] if options.model else []
    return [sys.executable, "-m", "stacks.commands.score", *context, *others]
