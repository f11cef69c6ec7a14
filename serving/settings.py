"""What the process is told by its environment, checked."""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from serving.workers.memory import budget

MAX_PORT = 65_535
MAX_WORKERS = 128
DEFAULT_LOG_SAMPLE = "0.01"

_MEGABYTE = 1 << 20


class SettingError(Exception):
    """A variable is wrong; the message names it and says what it may be."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the process was told.

    Attributes:
        host: Address to listen on.
        port: Port to listen on, 0 for any free one.
        model: Folder of the unpacked bundle; None when models come by the multi-model API.
        workers: How many processes answer.
        memory: Most memory that these may hold together, in bytes; heeded by the multi-model API.
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
        """The settings in an environment.

        Raises:
            SettingError: When one of them is wrong.
        """
        many = environ.get("SAGEMAKER_MULTI_MODEL", "").lower() == "true"
        model = Path(environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")) / "model"
        processors = len(os.sched_getaffinity(0))
        return cls(
            host=environ.get("SERVING_HOST", "0.0.0.0"),  # noqa: S104  # a container's
            port=_whole(environ, "SAGEMAKER_BIND_TO_PORT", 8080, "a port", 0, MAX_PORT),
            model=None if many else str(model),
            workers=_whole(
                environ, "SAGEMAKER_MODEL_SERVER_WORKERS", processors, "a number of processes", 1, MAX_WORKERS
            ),
            memory=_whole(environ, "SERVING_MODEL_MEMORY_MB", 0, "megabytes", 0, 1 << 24) * _MEGABYTE
            or budget(),
            log_sample=_share(environ, "SERVING_LOG_SAMPLE", DEFAULT_LOG_SAMPLE),
        )


def _whole(environ: Mapping[str, str], name: str, default: int, what: str, low: int, high: int) -> int:
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
