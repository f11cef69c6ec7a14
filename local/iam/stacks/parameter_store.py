"""Values of Parameter Store that CloudFormation reads for the parameters of a template.

It reads them as the caller, whatever role the stack has. The deployment role of the CDK's bootstrap stack has
ssm:GetParameters for this, as its template says, since every stack of the CDK names the bootstrap's version:
https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ministack.services.cloudformation import engine, handlers, helpers

from local.arns import parameter_arn
from local.iam.policy_evaluation import PolicyEvaluation

_READ = "ssm:GetParameters"
# The words of CloudFormation: https://github.com/aws/aws-cdk/issues/20959
UNREADABLE_PARAMETERS = f"AccessDenied. User doesn't have permission to call {_READ}"


class ParameterStoreReads:
    """Decides about these reads.

    Args:
        evaluation: Decides.
    """

    def __init__(self, evaluation: PolicyEvaluation) -> None:
        self._evaluation = evaluation

    def are_allowed(self, request: Any, *, caller: str) -> bool:
        """Returns whether the caller may read all that a request needs.

        Args:
            request: Parameters of CreateStack, UpdateStack or CreateChangeSet.
            caller: Access key of the caller.
        """
        return not any(self._evaluation.check(caller, _READ, parameter_arn(name)) for name in _names(request))


def _names(request: Any) -> Iterator[str]:
    """Yields the names in Parameter Store that a request refers to, or its stack did before."""
    body, _ = helpers._resolve_template(request)
    stack = handlers._resolve_stack(helpers._p(request, "StackName")) or {}
    try:
        template = engine._parse_template(body or stack.get("_template_body") or "{}")
    except ValueError:
        # The operation itself refuses it.
        return
    given = {one["Key"]: one for one in helpers._extract_members(request, "Parameters")}
    before = stack.get("_resolved_params", {})
    for name, declared in template.get("Parameters", {}).items():
        if str(declared.get("Type")).startswith(engine._SSM_PARAMETER_VALUE_PREFIX):
            yield _value(declared, given.get(name), before.get(name, {}))


def _value(declared: Mapping[str, Any], given: Mapping[str, Any] | None, before: Mapping[str, Any]) -> str:
    if given and not given["UsePreviousValue"]:
        return str(given["Value"])
    kept = before.get("SsmName") if given else None
    return str(kept or declared.get("Default", ""))
