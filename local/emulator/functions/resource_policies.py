"""Size of the policy of a function, which the permissions of its callers make up."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from local.emulator.functions.quotas import MAX_POLICY_BYTES


def install() -> None:
    """Makes AddPermission refuse a statement with which the policy is too large.

    https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    """
    add = lambda_svc._add_permission

    def add_if_it_fits(name: str, *request: Any, **options: Any) -> Any:
        added = add(name, *request, **options)
        policy = lambda_svc._functions.get(name, {}).get("policy", {})
        if added[0] >= 400 or (size := _size(policy)) <= MAX_POLICY_BYTES:
            return added
        # MiniStack appends the new statement.
        policy["Statement"].pop()
        return error_response_json(
            "PolicyLengthExceededException",
            f"The final policy size ({size}) is bigger than the limit ({MAX_POLICY_BYTES}).",
            400,
        )

    lambda_svc._add_permission = add_if_it_fits


def _size(policy: Mapping[str, Any]) -> int:
    return len(json.dumps(policy, separators=(",", ":")).encode())
