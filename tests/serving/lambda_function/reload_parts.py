"""Parts of the tests of a reload: a reloader of an S3 object, the wait of a request, and the log."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bundle import interface_of
from serving.lambda_function.model_data import ModelData, ModelSource
from serving.lambda_function.reload import BundleReloader, LoadedBundle, load
from serving.lambda_function.s3 import S3Client
from tests.serving.clock import FakeClock
from tests.serving.lambda_function.object_store import URL, ObjectStore
from tests.tiny_bundle import tiny_manifest, write_tiny_bundle

# Seconds between two checks of the object.
SECONDS = 100.0

# Puts a bundle with the given parts into the object, and returns its version.
Put = Callable[..., str]


class Wait:
    """Waits for a reload to end, whatever its time limit, unless a test gives up at once.

    Attributes:
        limits: The time limit of each wait, in seconds.
        gives_up: Whether a wait ends at once, as after its time limit.
        before: Called at the start of each wait.
    """

    def __init__(self) -> None:
        self.limits: list[float] = []
        self.gives_up = False
        self.before: Callable[[], None] = lambda: None

    def __call__(self, thread: threading.Thread, seconds: float) -> None:
        self.limits.append(seconds)
        self.before()
        if not self.gives_up:
            thread.join(60)


def start_reloader(store: ObjectStore, *, deployed: Path, clock: FakeClock, wait: Wait) -> BundleReloader:
    """Starts a reloader of the store's object; `deployed` is the path of its deployed bundle, of weight 1."""

    def load_deployed() -> LoadedBundle:
        return load(ModelData(write_tiny_bundle(deployed), '"deployed"'))

    return BundleReloader(
        ModelSource(URL, S3Client(store.environment)),
        deployed=load_deployed,
        interface=interface_of(tiny_manifest()),
        every=SECONDS,
        function="Function",
        clock=clock,
        wait=wait,
    )


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Returns the lines of the log since the last call."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
