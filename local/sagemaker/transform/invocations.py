"""Invocations of the container in a transform job: their number, size and time, and its environment.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from local.sagemaker.hosting.container import Container
from local.sagemaker.hosting.container_client import send_request
from local.sagemaker.hosting.errors import (
    ContainerConnectionError,
    ContainerDownError,
    ContainerTimeoutError,
)

_PARAMETERS_SECONDS = 2.0
# The defaults of CreateTransformJob and of its ModelClientConfig.
_DEFAULTS = {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 6, "BatchStrategy": "MULTI_RECORD"}
_TIMEOUT_SECONDS = 600
_RETRIES = 3
# Errors of a request without a response.
NO_RESPONSE = (ContainerDownError, ContainerTimeoutError, ContainerConnectionError)


@dataclass(frozen=True, kw_only=True)
class Invocations:
    """Limits of the calls to the container, from the job's request or from GET /execution-parameters.

    Attributes:
        concurrent: Most requests at a time.
        payload_mb: Largest payload; 0 for any size.
        strategy: MULTI_RECORD or SINGLE_RECORD.
        seconds: Time limit of a request.
        retries: Most retries of a request.
        headers: Headers of each request.
    """

    concurrent: int
    payload_mb: int
    strategy: str
    seconds: int
    retries: int
    headers: Mapping[str, str]

    def __str__(self) -> str:
        return (
            f"MaxConcurrentTransforms={self.concurrent}, MaxPayloadInMB={self.payload_mb}, "
            f"BatchStrategy={self.strategy}"
        )

    @classmethod
    def of(cls, request: Mapping[str, Any], asked: Mapping[str, Any]) -> Self:
        """Returns the values of a CreateTransformJob request, else those that the container asks for."""
        values = {**_DEFAULTS, **asked}
        client = request.get("ModelClientConfig") or {}
        types = {
            "content-type": request["TransformInput"].get("ContentType"),
            "accept": request["TransformOutput"].get("Accept"),
        }
        return cls(
            # 0 is the same as no value.
            concurrent=request.get("MaxConcurrentTransforms") or int(values["MaxConcurrentTransforms"]),
            payload_mb=request.get("MaxPayloadInMB", int(values["MaxPayloadInMB"])),
            strategy=strategy_name(request["BatchStrategy"])
            if "BatchStrategy" in request
            else values["BatchStrategy"],
            seconds=client.get("InvocationsTimeoutInSeconds", _TIMEOUT_SECONDS),
            retries=client.get("InvocationsMaxRetries", _RETRIES),
            headers={name: value for name, value in types.items() if value},
        )


def execution_parameters(container: Container) -> Mapping[str, Any]:
    """Returns what GET /execution-parameters answers; nothing from a container without it."""
    try:
        with container.lease() as port:
            response = send_request(
                port, "GET", "/execution-parameters", timeout=_PARAMETERS_SECONDS, headers={}
            )
        found = json.loads(response.body) if response.status == HTTPStatus.OK else {}
    except (*NO_RESPONSE, ValueError):
        return {}
    return {name: found[name] for name in _DEFAULTS if name in found} if isinstance(found, dict) else {}


def strategy_name(strategy: str) -> str:
    """Returns a BatchStrategy as the container knows it: MultiRecord is MULTI_RECORD."""
    return strategy.removesuffix("Record").upper() + "_RECORD"


def batch_environment(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields the environment variables of a container in a transform job, the job's own first."""
    yield from request.get("Environment", {}).items()
    yield "SAGEMAKER_BATCH", "true"
    if "MaxPayloadInMB" in request:
        yield "SAGEMAKER_MAX_PAYLOAD_IN_MB", str(request["MaxPayloadInMB"])
    if "BatchStrategy" in request:
        yield "SAGEMAKER_BATCH_STRATEGY", strategy_name(request["BatchStrategy"])
    if request.get("MaxConcurrentTransforms"):
        yield "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS", str(request["MaxConcurrentTransforms"])
