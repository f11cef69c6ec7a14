"""Settings of the server, read from its environment."""

import math
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from bundle import MAX_BODY_BYTES
from serving.workers.process_memory import memory_budget

MAX_PORT = 65_535
MAX_WORKERS = 128
DEFAULT_LOG_SAMPLE = "0.01"
# Payload of a batch transform job that does not set MaxPayloadInMB, and the largest that SageMaker allows:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
DEFAULT_PAYLOAD_MB = 6
MAX_PAYLOAD_MB = 100
DEFAULT_TRANSFORM_OPTIONS = "on_error=skip"

_MEGABYTE = 1 << 20
_HAS_PACKET_SOCKETS = sys.platform == "linux"


class SettingError(Exception):
    """An environment variable has an invalid value; the message names it and the values it may have."""


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Settings of the server.

    Attributes:
        host: Address to listen on.
        port: Port to listen on, 0 for any free one.
        model: Folder of the unpacked bundle; None when the multi-model API loads the models.
        workers: Number of worker processes; in a front process, of its own.
        fronts: Number of front processes, which do HTTP and have workers of their own.
        memory: Limit of the memory that all workers hold together, in bytes; for the multi-model API.
        log_sample: Share of the requests that are logged, from 0 to 1.
        max_body: Largest body of a request, in bytes.
        transform: Options of every request of a batch transform job, as a query; None outside of such a job.
    """

    host: str
    port: int
    model: str | None
    workers: int
    memory: int
    log_sample: float
    max_body: int = MAX_BODY_BYTES
    transform: str | None = None
    fronts: int = 1

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Reads the settings from environment variables.

        Raises:
            SettingError: When one of them is invalid.
        """
        many = environ.get("SAGEMAKER_MULTI_MODEL", "").lower() == "true"
        model = Path(environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")) / "model"
        processors = usable_processors()
        workers = _integer(
            environ, "SAGEMAKER_MODEL_SERVER_WORKERS", processors, "a number of processes", 1, MAX_WORKERS
        )
        # https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
        is_transform = environ.get("SAGEMAKER_BATCH", "").lower() == "true"
        return cls(
            host=environ.get("SERVING_HOST", "0.0.0.0"),  # noqa: S104  # a container's
            port=_integer(environ, "SAGEMAKER_BIND_TO_PORT", 8080, "a port", 0, MAX_PORT),
            model=None if many else str(model),
            workers=workers,
            memory=_integer(environ, "SERVING_MODEL_MEMORY_MB", 0, "megabytes", 0, 1 << 24) * _MEGABYTE
            or memory_budget(),
            log_sample=_share(environ, "SERVING_LOG_SAMPLE", DEFAULT_LOG_SAMPLE),
            max_body=_payload_bytes(environ) if is_transform else MAX_BODY_BYTES,
            transform=environ.get("SERVING_TRANSFORM_OPTIONS", DEFAULT_TRANSFORM_OPTIONS)
            if is_transform
            else None,
            fronts=1 if many or is_transform else _fronts(environ, workers, processors),
        )

    def share(self, front: int) -> Self:
        """Returns the settings of one front process, with its share of the workers."""
        workers = self.workers // self.fronts + (front < self.workers % self.fronts)
        return replace(self, workers=workers)


def usable_processors() -> int:
    """Returns the number of processors that this process may use; where it is unknown, all of them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _fronts(environ: Mapping[str, str], workers: int, processors: int) -> int:
    """Returns the number of fronts: one for two workers, and not more than half of the processors."""
    # The sockets of packets between the parent and its fronts are Linux's.
    most = workers if _HAS_PACKET_SOCKETS else 1
    default = min(max(min(-(-workers // 2), processors // 2), 1), most)
    return _integer(environ, "SERVING_FRONTS", default, "a number of processes", 1, most)


def _payload_bytes(environ: Mapping[str, str]) -> int:
    megabytes = _integer(
        environ, "SAGEMAKER_MAX_PAYLOAD_IN_MB", DEFAULT_PAYLOAD_MB, "megabytes", 0, MAX_PAYLOAD_MB
    )
    # 0 asks for payloads without a limit.
    return (megabytes or MAX_PAYLOAD_MB) * _MEGABYTE


def _integer(environ: Mapping[str, str], name: str, default: int, what: str, low: int, high: int) -> int:
    text = environ.get(name, str(default))
    if not re.fullmatch("[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise SettingError(f"{name} is {text!r}: give {what} from {low} to {high}")
    return int(text)


def _share(environ: Mapping[str, str], name: str, default: str) -> float:
    text = environ.get(name, default)
    share = float(text) if re.fullmatch(r"[0-9]*\.?[0-9]+", text) else math.nan
    if not 0 <= share <= 1:
        raise SettingError(f"{name} is {text!r}: give a number from 0 to 1")
    return share
