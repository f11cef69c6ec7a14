"""Settings that the CDK context gives, parsed, and the errors of those that are unknown or invalid."""

import difflib
from collections.abc import Mapping
from typing import Any

from stacks.settings.parsers import PARSERS

# Prefixes of the CDK's own names in the context.
_CDK_PREFIXES = ("@aws-cdk", "aws-cdk:", "aws:cdk:", "cli-", "acknowledged-issue-numbers")
# previous_hosting: the hosting of the deployed stack, which `python -m stacks.commands.deploy` sets.
_PARSERS = dict(PARSERS) | {"previous_hosting": PARSERS["hosting"]}
# Names that people give for what is no setting.
_OF_CREDENTIALS = frozenset({"account", "aws_account", "aws_profile", "aws_region", "profile", "region"})


def parse_context(context: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Parses the settings of a context.

    Args:
        context: The whole CDK context. Values from the command line are strings; None means not set.

    Returns:
        The values of the valid settings, and the errors of the others, each by the setting's name. The model
        is an error when it is not set.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in ({"model": None} | dict(context)).items():
        if name.startswith(_CDK_PREFIXES) or (value is None and name != "model"):
            continue
        try:
            values[name] = _PARSERS[name](value)
        except KeyError:
            errors[name] = _unknown(name, value)
        except ValueError as error:
            errors[name] = f"The setting {name} is {value!r}; it must be {error}."
    return values, errors


def _unknown(name: str, value: Any) -> str:
    sentence = f"The setting {name} is {value!r}, and there is no such setting"
    plain = name.lower().replace("-", "_")
    if plain in _OF_CREDENTIALS:
        return f"{sentence}: account and region are those of your credentials, AWS_PROFILE and AWS_REGION."
    if isinstance(value, dict):
        return f"{sentence}: settings are not nested, so put those of {name} directly into context."
    near = difflib.get_close_matches(plain, PARSERS, n=1) or [
        setting for setting in PARSERS if plain in setting.split("_")
    ]
    hint = f": did you mean {' or '.join(near)}?" if near else "."
    return f"{sentence}{hint} There are {', '.join(PARSERS)}."
