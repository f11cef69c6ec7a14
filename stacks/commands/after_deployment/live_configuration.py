"""Configuration that serves after a deployment, compared with the stack's."""

from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from smoke.account import Account
from smoke.configuration import check_configuration
from smoke.deployed_stack import find_stack
from smoke.errors import CheckFailedError, EarlierRollbackError, SmokeError
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.current_stack import CurrentStack, read_stack
from stacks.commands.refusals import ALLOW, SIGN_IN, way_out

_ACTIONS = "cloudformation:ListStackResources", "lambda:GetFunctionConfiguration"
_RETRY = "Read the messages of the CDK above, remove the cause, and run `make deploy` again."
# CloudFormation sees no change in the same template.
_CHANGE = "Deploy a bundle or settings that differ, because CloudFormation skips a template without a change."


class DeploymentFailedError(Exception):
    """The deployment failed, or another configuration serves, which the message names."""


def check_deployment(account: AwsAccount, name: str, *, models: Sequence[str], failed: bool) -> str:
    """Checks that the stack's configuration serves.

    Args:
        account: The account.
        name: Name of the stack.
        models: Names of its models.
        failed: Whether the CDK CLI failed.

    Returns:
        The configuration that serves; "" when no stack was to be created, as with --no-execute.

    Raises:
        DeploymentFailedError: The deployment failed, or another configuration serves.
        UnreadableAccountError: AWS refuses to tell.
    """
    try:
        current = read_stack(account, name)
    except UnreadableAccountError as error:
        if not error.failure:
            raise
        raise _unchecked(error.failure, error.advice) from error
    if current is None:
        if failed:
            raise DeploymentFailedError(
                f"The deployment failed and nothing serves, because there is no stack {name}. {_RETRY}"
            )
        return ""
    state = serving_state(account, current, models=models, failed=failed)
    if failed:
        raise DeploymentFailedError(f"The deployment of {name} failed: {state}. {_RETRY}")
    return f"{state}."


def serving_state(
    account: AwsAccount, current: CurrentStack, *, models: Sequence[str], failed: bool = False
) -> str:
    """Returns the configuration that serves, as part of a sentence.

    Args:
        account: The account.
        current: The stack.
        models: Names of its models.
        failed: Whether its last update failed, so that another configuration is expected.

    Raises:
        DeploymentFailedError: Another configuration serves.
        UnreadableAccountError: AWS refuses to tell.
    """
    if current.is_paused:
        return f"{current.name} is paused, and nothing serves until `make wake`"
    session = Account(account.session)
    try:
        stack = find_stack(session.client("cloudformation"), current.name, models=models)
        return check_configuration(session, stack)
    except EarlierRollbackError as error:
        return _part(error)
    except CheckFailedError as error:
        if failed:
            return _part(error)
        raise DeploymentFailedError(f"The deployment has ended, but {_part(error)}. {_CHANGE}") from error
    except SmokeError as error:
        raise DeploymentFailedError(f"The deployment has ended, and cannot be checked: {error}") from error
    except (BotoCoreError, ClientError) as error:
        advice = way_out(error) if isinstance(error, ClientError) else SIGN_IN
        if advice is ALLOW:
            advice = f"allow {' and '.join(_ACTIONS)} to your credentials"
        raise _unchecked(_part(error), advice) from error


def _unchecked(failure: str, advice: str) -> UnreadableAccountError:
    """Returns the error of a check that AWS refuses; CloudFormation may still be at work."""
    return UnreadableAccountError(
        f"The CDK CLI has ended, and `make deploy` cannot check what serves: {failure}. To go on, {advice}, "
        "and run `make smoke`."
    )


def _part(error: Exception) -> str:
    """Returns a message as part of a sentence in one line."""
    return " ".join(str(error).split()).rstrip(".")
