"""The stack as it is deployed now."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})


class UnreadableStackError(Exception):
    """Why nothing is known of the deployed stack, as one sentence."""


def deployed_hosting(stack_name: str, *, profile: str | None = None) -> str | None:
    """What hosts the model in the deployed stack, as its template's metadata says.

    Args:
        stack_name: Name of the stack.
        profile: Name of the profile in the configuration of the AWS CLI; None for the credentials at hand.

    Returns:
        The hosting, None when there is no such stack.

    Raises:
        UnreadableStackError: When CloudFormation cannot be asked, or the template does not say.
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
        raise UnreadableStackError(_sentence(stack_name, "its template does not say")) from error


def _template(body: Any) -> Mapping[str, Any]:
    # boto3 has parsed it when it is JSON in its eyes.
    template: Mapping[str, Any] = json.loads(body) if isinstance(body, str) else body
    return template


def _sentence(stack_name: str, reason: object) -> str:
    return (
        f"What hosts the model in the deployed stack {stack_name} is not known, so a change of hosting that "
        f"SageMaker does not make in place is not refused beforehand: {str(reason).rstrip('.')}."
    )
