"""Settings of the server, read from its environment."""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from serving.workers.process_memory import memory_budget

MAX_PORT = 65_535
MAX_WORKERS = 128
DEFAULT_LOG_SAMPLE = "0.01"

_MEGABYTE = 1 << 20


class SettingError(Exception):
    """An environment variable has an invalid value; the message names it and the values it may have."""


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Settings of the server.

    Attributes:
        host: Address to listen on.
        port: Port to listen on, 0 for any free one.
        model: Folder of the unpacked bundle; None when the multi-model API loads the models.
        workers: Number of worker processes.
        memory: Limit of the memory that all workers hold together, in bytes; for the multi-model API.
        log_sample: Share of the requests that are logged, from 0 to 1.
    """

    host: str
    port: int
    model: str | None
    workers: int
    memory: int
    log_sample: float

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Reads the settings from environment variables.

        Raises:
            SettingError: When one of them is invalid.
        """
        many = environ.get("SAGEMAKER_MULTI_MODEL", "").lower() == "true"
        model = Path(environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")) / "model"
        processors = len(os.sched_getaffinity(0))
        return cls(
            host=environ.get("SERVING_HOST", "0.0.0.0"),  # noqa: S104  # a container's
            port=_integer(environ, "SAGEMAKER_BIND_TO_PORT", 8080, "a port", 0, MAX_PORT),
            model=None if many else str(model),
            workers=_integer(
                environ, "SAGEMAKER_MODEL_SERVER_WORKERS", processors, "a number of processes", 1, MAX_WORKERS
            ),
            memory=_integer(environ, "SERVING_MODEL_MEMORY_MB", 0, "megabytes", 0, 1 << 24) * _MEGABYTE
            or memory_budget(),
            log_sample=_share(environ, "SERVING_LOG_SAMPLE", DEFAULT_LOG_SAMPLE),
        )


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
