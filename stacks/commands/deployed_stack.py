"""Hosting of the deployed stack, read from CloudFormation."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})


class UnreadableStackError(Exception):
    """The template of the deployed stack cannot be read; the message is one sentence."""


def deployed_hosting(stack_name: str, *, profile: str | None = None) -> str | None:
    """Returns the hosting of the deployed stack, from its template's metadata.

    Args:
        stack_name: Name of the stack.
        profile: Profile of the AWS CLI; None for the default credentials.

    Returns:
        The hosting, or None when there is no such stack.

    Raises:
        UnreadableStackError: When CloudFormation gives no template, or the template names no hosting.
    """
    try:
        client = boto3.Session(profile_name=profile).client("cloudformation", config=_CONFIG)
        body = client.get_template(StackName=stack_name, TemplateStage="Original")["TemplateBody"]
        return str(_template(body)["Metadata"]["Prediction"]["Hosting"])
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise UnreadableStackError(_sentence(stack_name, error)) from error
    except BotoCoreError as error:
        raise UnreadableStackError(_sentence(stack_name, error)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableStackError(_sentence(stack_name, "its template names no hosting")) from error


def _template(body: Any) -> Mapping[str, Any]:
    # boto3 parses JSON templates and leaves others as text.
    template: Mapping[str, Any] = json.loads(body) if isinstance(body, str) else body
    return template


def _sentence(stack_name: str, reason: object) -> str:
    return (
        f"The hosting of the deployed stack {stack_name} is unknown, so a change of hosting that SageMaker "
        f"cannot make in place is not refused before the deployment: {str(reason).rstrip('.')}."
    )
