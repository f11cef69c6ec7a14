"""Policy evaluation: decides whether a call is allowed, as MiniStack does, and records each decision.

MiniStack calls `iam_evaluator.enforce` for every signed request. It publishes no interface for this: its
functions that are used here are internal.
"""

import contextvars
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ministack.core import iam_evaluator

from local.iam.decision_log import DecisionLog
from local.iam.decision_log_entry import LoggedDecision, denial_message
from local.iam.statement import RoleStatement
from local.local_aws import REGION

_ANONYMOUS = "anonymous"

# These can be called without a signature: S3 asks the bucket's policy, API Gateway the method.
_OPEN_ACTIONS = frozenset({"execute-api:Invoke", "lambda:InvokeFunctionUrl"})
_OWN_DECISION = "the service, which decides about requests without signature itself"

# The statements that matched in the decision that is being made: effect and statement.
_Matches = list[tuple[str, iam_evaluator.ParsedStatement]]
_matches: contextvars.ContextVar[_Matches | None] = contextvars.ContextVar("matches", default=None)

_enforce = iam_evaluator.enforce
_first_match = iam_evaluator._first_match


class PolicyEvaluation:
    """Decides about calls as MiniStack does, and logs each decision.

    Args:
        log: The log of decisions.
    """

    def __init__(self, log: DecisionLog) -> None:
        self._log = log

    def evaluate(
        self,
        access_key_id: str,
        action: str,
        service: str,
        region: str = REGION,
        resource_arn: str = "*",
        service_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Decides about one call; the arguments and the result are those of MiniStack's function.

        Returns:
            None when the call is allowed, an AuthError when the caller is not authenticated, an EvalResult
            when it is not authorized.
        """
        if _is_anonymous(access_key_id, action, service):
            self.record(_ANONYMOUS, action, resource_arn, statement=_OWN_DECISION, reason="")
            return None
        with _watched() as matches:
            refused = _enforce(
                access_key_id,
                action,
                service,
                region,
                resource_arn=resource_arn,
                service_context=dict(service_context or {}),
            )
        self._add(access_key_id, action, resource_arn, refused, matches)
        return refused

    def check(
        self,
        access_key_id: str,
        action: str,
        resource: str,
        *,
        context: Mapping[str, Any] | None = None,
    ) -> str:
        """Decides about a call that a service makes in a role's session, outside of any request.

        Args:
            access_key_id: The session's key.
            action: Such as logs:PutLogEvents.
            resource: The ARN.
            context: Condition keys.

        Returns:
            AWS's message for the refusal, or "".
        """
        refused = contextvars.copy_context().run(
            self._evaluate_alone, access_key_id, action, resource, context
        )
        if refused is None:
            return ""
        if isinstance(refused, iam_evaluator.AuthError):
            return str(refused.message)
        is_explicit = refused.decision == "Deny"
        return denial_message(refused.principal_arn, action, resource, is_explicit=is_explicit)

    def record(self, caller: str, action: str, resource: str, *, statement: str, reason: str) -> None:
        """Records a decision that a resource's own policy made about a service; `reason` for a refusal."""
        self._log.add(
            LoggedDecision(
                caller=caller,
                action=action,
                resource=resource,
                is_allowed=not reason,
                statement=statement,
                reason=reason,
            )
        )

    def _evaluate_alone(
        self, access_key_id: str, action: str, resource: str, context: Mapping[str, Any] | None
    ) -> Any:
        # The request in progress, if any, is another caller's.
        iam_evaluator._anonymous.set(False)
        iam_evaluator._signed_request.set(None)
        service = action.partition(":")[0]
        return self.evaluate(access_key_id, action, service, resource_arn=resource, service_context=context)

    def _add(self, access_key_id: str, action: str, resource: str, refused: Any, matches: _Matches) -> None:
        caller = caller_arn(access_key_id)
        reason = ""
        if isinstance(refused, iam_evaluator.AuthError):
            reason = f"{refused.code}: {refused.message}"
        elif refused is not None:
            is_explicit = refused.decision == "Deny"
            reason = denial_message(caller, action, resource, is_explicit=is_explicit)
        statement = _deciding(matches, "Deny" if refused is not None else "Allow")
        self._log.add(
            LoggedDecision(
                caller=caller,
                action=action,
                resource=resource,
                is_allowed=refused is None,
                statement=_label(statement, resource),
                reason=reason,
            ),
            statement if isinstance(statement, RoleStatement) else None,
        )


def _is_anonymous(access_key_id: str, action: str, service: str) -> bool:
    is_signed = bool(access_key_id) or iam_evaluator._signed_request.get() is not None
    return not is_signed and (service == "s3" or action in _OPEN_ACTIONS)


def caller_arn(access_key_id: str) -> str:
    """Returns the ARN of the principal that a key belongs to, or "anonymous"."""
    identity = iam_evaluator.resolve_caller_identity(access_key_id) if access_key_id else None
    return str(identity["userArn"]) if identity else _ANONYMOUS


def watch_matches(
    context: iam_evaluator.EvalContext, statements: Sequence[iam_evaluator.ParsedStatement], effect: str
) -> iam_evaluator.ParsedStatement | None:
    """Returns MiniStack's first matching statement, and keeps it for the decision in progress."""
    found = _first_match(context, statements, effect)
    matches = _matches.get()
    if found is not None and matches is not None:
        matches.append((effect, found))
    return found


@contextmanager
def _watched() -> Iterator[_Matches]:
    matches: _Matches = []
    token = _matches.set(matches)
    try:
        yield matches
    finally:
        _matches.reset(token)


def _deciding(matches: _Matches, effect: str) -> iam_evaluator.ParsedStatement | None:
    """Returns the first statement of an effect that matched, a role's own before a resource's."""
    found = [statement for matched, statement in matches if matched == effect]
    return next((item for item in found if isinstance(item, RoleStatement)), found[0] if found else None)


def _label(statement: iam_evaluator.ParsedStatement | None, resource: str) -> str:
    if statement is None:
        return ""
    if isinstance(statement, RoleStatement):
        return statement.label
    return f"{statement.sid or 'a statement'} of the caller's or of {resource}'s policy"
