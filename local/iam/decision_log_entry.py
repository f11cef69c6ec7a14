"""Entry of the decision log: a call that IAM has allowed or refused, and IAM's message for a refusal."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class LoggedDecision:
    """Caller, action and resource of a call, and the statement that decided about it.

    Attributes:
        caller: ARN of the principal, name of the service, or "anonymous".
        action: Such as sagemaker:InvokeEndpoint.
        resource: ARN, or * for an action without a resource.
        is_allowed: Whether the call was allowed.
        statement: The statement that allowed or refused it; "" when none did.
        reason: AWS's words for a refusal; "" otherwise.
    """

    caller: str
    action: str
    resource: str
    is_allowed: bool
    statement: str = ""
    reason: str = ""

    def to_json(self, count: int) -> dict[str, Any]:
        """Returns the decision with the number of times that it was made."""
        return asdict(self) | {"count": count}


def denial_message(caller: str, action: str, resource: str, *, is_explicit: bool = False) -> str:
    """Returns AWS's message for a call that no identity-based policy allows, or that one denies.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    reason = (
        "with an explicit deny in an identity-based policy"
        if is_explicit
        else f"because no identity-based policy allows the {action} action"
    )
    return f"User: {caller} is not authorized to perform: {action} on resource: {resource} {reason}"
