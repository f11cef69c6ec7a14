"""Operations on a stack during another one: a deletion waits for a creation, and is refused during an update.

MiniStack deletes at once: the resource that is being created is none of the stack's yet, and outlives it.
It also creates a stack in the place of one that is ROLLBACK_COMPLETE, which loses what that one could not
delete.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, stacks
from ministack.services.cloudformation.helpers import _error, _xml

_MODULES = (changesets, handlers, stacks)
_ROLLED_BACK = "ROLLBACK_COMPLETE"
_DELETING, _DELETED = "DELETE_IN_PROGRESS", "DELETE_COMPLETE"

StackResponse = Any
# The tasks that create stacks, by the ids of these.
_Creations = dict[str, asyncio.Task[Any]]


def install() -> None:
    """Wraps MiniStack's operations. Modules that replace its deployment of a stack are installed before."""
    creations: _Creations = {}
    waiting: set[str] = set()
    deploy, delete = stacks._deploy_stack_async, stacks._delete_stack_async
    for module in _MODULES:
        for name, function in (
            ("_deploy_stack_async", _with_task(deploy, creations, waiting)),
            ("_delete_stack_async", _after_creation(delete, creations, waiting)),
        ):
            if hasattr(module, name):
                setattr(module, name, function)
    operations = handlers._ACTION_HANDLERS
    operations["DeleteStack"] = _unless_in_progress(operations["DeleteStack"], creations)
    operations["CreateStack"] = _unless_rolled_back(operations["CreateStack"])


def _with_task(
    deploy: Callable[..., Awaitable[None]], creations: _Creations, waiting: set[str]
) -> Callable[..., Awaitable[None]]:
    async def deploy_stack(name: str, id: str, *arguments: Any, **more: Any) -> None:
        task = asyncio.current_task()
        if task is None or more.get("is_update"):
            await deploy(name, id, *arguments, **more)
            return
        creations[id] = task
        try:
            await deploy(name, id, *arguments, **more)
        finally:
            del creations[id]
            # At once, so that no update begins in between.
            if id in waiting and (stack := cloudformation._stacks.get(name)):
                stack["StackStatus"] = _DELETING

    return deploy_stack


def _after_creation(
    delete: Callable[..., Awaitable[None]], creations: _Creations, waiting: set[str]
) -> Callable[..., Awaitable[None]]:
    async def delete_stack(name: str, id: str, *arguments: Any, **more: Any) -> None:
        creation = creations.get(id)
        # A creation may delete its own stack, after its roll-back.
        if creation and creation is not asyncio.current_task():
            if id in waiting:
                return
            waiting.add(id)
            await asyncio.wait([creation])
            waiting.remove(id)
        await delete(name, id, *arguments, **more)

    return delete_stack


def _unless_in_progress(
    delete: Callable[[Any], StackResponse], creations: _Creations
) -> Callable[[Any], StackResponse]:
    """Refuses a deletion during an update, in CloudFormation's words; during another one it does nothing.

    https://github.com/aws-solutions-library-samples/guidance-for-clickstream-analytics-on-aws/issues/573
    https://github.com/aws-amplify/amplify-backend/pull/2366
    """

    def delete_unless_in_progress(params: Any) -> StackResponse:
        stack = handlers._resolve_stack(handlers._p(params, "StackName")) or {}
        status = str(stack.get("StackStatus", ""))
        if status.startswith("UPDATE_") and status.endswith("_IN_PROGRESS"):
            return _error(
                "ValidationError", f"Stack [{stack['StackId']}] cannot be deleted while in status {status}"
            )
        if status in (_DELETING, _DELETED):
            return _xml(200, "DeleteStackResponse", "")
        response = delete(params)
        # MiniStack's deletion begins later, and an update could begin before it.
        if response[0] == HTTPStatus.OK and stack and stack["StackId"] not in creations:
            stack["StackStatus"] = _DELETING
        return response

    return delete_unless_in_progress


def _unless_rolled_back(create: Callable[[Any], StackResponse]) -> Callable[[Any], StackResponse]:
    """Refuses the name of a stack whose creation was rolled back: only its deletion frees it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
    """

    def create_unless_rolled_back(params: Any) -> StackResponse:
        name = handlers._p(params, "StackName")
        if (cloudformation._stacks.get(name) or {}).get("StackStatus") == _ROLLED_BACK:
            return _error("AlreadyExistsException", f"Stack [{name}] already exists")
        return create(params)

    return create_unless_rolled_back
