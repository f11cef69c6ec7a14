"""Control plane of functions: the checks in front of MiniStack's operations and CloudFormation type."""

from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from local.emulator.functions.execution.code_folder import zip_inline
from local.emulator.functions.function_configuration_checks import FunctionRefusal, check_function
from local.emulator.functions.quotas import ACCOUNT_CONCURRENCY, MIN_UNRESERVED_CONCURRENCY
from local.emulator.resource_types import (
    EmulatedProperties,
    ProvisionedResource,
    ResourceHandlers,
    override,
)

_TYPE = "AWS::Lambda::Function"
_RESERVED = "ReservedConcurrentExecutions"


class FunctionTypeError(Exception):
    """Lambda refuses a function of a stack; the message becomes the reason of the stack event."""


def check_reservation(name: str, reserved: int) -> FunctionRefusal | None:
    """Checks that enough concurrency stays for functions without a reservation; None when it does.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html

    Args:
        name: The function.
        reserved: The concurrency to reserve for it.
    """
    others = sum(
        record.get("concurrency") or 0 for other, record in lambda_svc._functions.items() if other != name
    )
    if ACCOUNT_CONCURRENCY - others - reserved >= MIN_UNRESERVED_CONCURRENCY:
        return None
    return FunctionRefusal(
        "InvalidParameterValueException",
        f"Specified {_RESERVED} for function decreases account's UnreservedConcurrentExecution below "
        f"its minimum value of [{MIN_UNRESERVED_CONCURRENCY}].",
    )


def install() -> None:
    """Adds the checks to MiniStack."""
    create, update = lambda_svc._create_function, lambda_svc._update_config
    reserve = lambda_svc._put_function_concurrency
    lambda_svc._create_function = lambda data: _refused(check_function(data)) or create(data)
    lambda_svc._update_config = lambda name, data: _refused(check_function(data)) or update(name, data)
    lambda_svc._put_function_concurrency = lambda name, data: (
        _refused(check_reservation(name, int(data.get(_RESERVED, 0)))) or reserve(name, data)
    )
    lambda_svc._reserved_concurrency = _of_all_versions(lambda_svc._reserved_concurrency)
    provisioners._zip_inline = zip_inline
    override(_TYPE, _checked_handlers)


def _of_all_versions(reserved: Callable[..., int | None]) -> Callable[..., int | None]:
    """Applies a function's reserved concurrency to its versions too, whose records in MiniStack lack it.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html: it is of the whole function.
    """
    return lambda record, config: reserved(
        lambda_svc._functions.get(config.get("FunctionName"), record), config
    )


def _checked_handlers(handlers: ResourceHandlers) -> ResourceHandlers:
    def create(logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        _raise(check_function(properties))
        created: ProvisionedResource = handlers["create"](logical_id, properties, stack)
        try:
            _reserve(created[0], properties)
        except FunctionTypeError:
            handlers["delete"](created[0], properties)
            raise
        return created

    def update(
        physical_id: str, old: EmulatedProperties, new: EmulatedProperties, stack: str, logical_id: str
    ) -> ProvisionedResource:
        _raise(check_function(new))
        updated: ProvisionedResource = handlers["update"](physical_id, old, new, stack, logical_id)
        _reserve(updated[0], new)
        return updated

    return {"create": create, "update": update}


def _reserve(name: str, properties: EmulatedProperties) -> None:
    """Sets the reserved concurrency of the template, which MiniStack drops."""
    if properties.get(_RESERVED) is None:
        lambda_svc._delete_function_concurrency(name)
        return
    reserved = int(properties[_RESERVED])
    _raise(check_reservation(name, reserved))
    lambda_svc._put_function_concurrency(name, {_RESERVED: reserved})


def _refused(refusal: FunctionRefusal | None) -> Any:
    return error_response_json(refusal.code, refusal.message, 400) if refusal else None


def _raise(refusal: FunctionRefusal | None) -> None:
    if refusal:
        raise FunctionTypeError(refusal.message)
