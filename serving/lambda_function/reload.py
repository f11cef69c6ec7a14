"""Reload of a Lambda function's bundle after its object in S3 has changed."""

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from bundle import BundleError, Manifest, changed_parts, interface_of
from bundle.cloudwatch_metrics import REFUSED, RELOADED
from serving.lambda_function.embedded_metric import metric_line
from serving.lambda_function.model_data import ModelData, ModelDataError, ModelSource
from serving.predict.golden_row_check import check_golden_rows
from serving.predict.onnx_model import ModelError
from serving.predict.predictor import Predictor

# Longest wait of one request for a reload, and time limit of a reload, which may span several requests.
PATIENCE_SECONDS = 2.0
_RELOAD_SECONDS = 30.0
# Part of the ten seconds that Lambda gives a function to start; the rest is for the deployed bundle.
_START_SECONDS = 3.0


class LoadedBundle(NamedTuple):
    """A bundle that can answer requests.

    Attributes:
        predictor: Predictor of the bundle.
        manifest: Manifest of the bundle.
        etag: ETag of the object it was read from; empty for the deployed bundle.
    """

    predictor: Predictor
    manifest: Manifest
    etag: str


class BundleReloader:
    """Serves the bundle of an S3 object and reloads it after the object has changed.

    A request starts a check of the object in a thread, at most once in `every` seconds, and waits for it at
    most PATIENCE_SECONDS. Lambda freezes a function between requests, so an unfinished reload continues
    during the next requests. A request reads `predictor` once, so one version answers all of it.

    Args:
        source: Reads the object.
        deployed: Loads the deployed bundle, when the object has no valid one at the start.
        interface: Digest of `bundle.interface_of` that every reloaded bundle must have.
        every: Smallest number of seconds between two checks.
        function: Name of the function, for its metrics.
        clock: Seconds of the wall clock; the monotonic clock may stop between requests.
        wait: Waits for a reload, at most the given number of seconds.
    """

    def __init__(
        self,
        source: ModelSource,
        *,
        deployed: Callable[[], LoadedBundle],
        interface: str,
        every: float,
        function: str,
        clock: Callable[[], float] = time.time,
        wait: Callable[[threading.Thread, float], None] = threading.Thread.join,
    ) -> None:
        self._source = source
        self._interface = interface
        self._every = every
        self._function = function
        self._clock = clock
        self._wait = wait
        self._checking = threading.Lock()
        self._thread: threading.Thread | None = None
        self._checked_at = clock()
        self._loaded: LoadedBundle | None = None
        self._reload(_START_SECONDS)
        if self._loaded is None:
            self._loaded = deployed()._replace(etag="")

    @property
    def predictor(self) -> Predictor:
        """The predictor for a request that starts now."""
        if not self._is_current() and self._checking.acquire(blocking=False):
            try:
                # Another thread may have finished a check in the meantime.
                if not self._is_current():
                    self._check()
            finally:
                self._checking.release()
        assert self._loaded is not None  # noqa: S101  # set by the constructor
        return self._loaded.predictor

    def _is_current(self) -> bool:
        return 0 <= self._clock() - self._checked_at < self._every

    def _check(self) -> None:
        self._checked_at = self._clock()
        if self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._reload, args=(_RELOAD_SECONDS,), daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                # The system allows no other thread. The request is answered by the bundle that is loaded.
                self._log("error", "bundle not reloaded", REFUSED, self._loaded, reason=_reason(error))
                return
            self._thread = thread
        self._wait(self._thread, PATIENCE_SECONDS)

    def _reload(self, seconds: float) -> None:
        before = self._loaded
        started = time.monotonic()
        try:
            data = self._source.fetch_unless(before.etag if before else "", seconds=seconds)
            if data is None:
                return
            self._loaded = self._load(data, before)
        except Exception as error:
            self._log("error", "bundle not reloaded", REFUSED, before, reason=_reason(error))
            return
        if before:
            taken = round(time.monotonic() - started, 3)
            version = self._loaded.predictor.version
            self._log("info", "bundle reloaded", RELOADED, before, version=version, seconds=taken)

    def _load(self, data: ModelData, before: LoadedBundle | None) -> LoadedBundle:
        if interface_of(data.bundle.manifest) != self._interface:
            _refuse_interface(data, before)
        return load(data)

    def _log(self, level: str, event: str, metric: str, before: LoadedBundle | None, **fields: Any) -> None:
        version = before.predictor.version if before else None
        line = metric_line(
            level,
            event,
            function=self._function,
            metric=metric,
            bundle=self._source.url,
            **({"served": version} | fields),
        )
        # Lambda's runtime client reformats lines of `logging`, which CloudWatch would not parse.
        print(line, flush=True)


def load(data: ModelData) -> LoadedBundle:
    """Loads a bundle and checks its golden rows.

    Raises:
        ModelError: When the graph cannot be loaded, or a golden row does not get its golden prediction.
    """
    predictor = Predictor(data.bundle)
    check_golden_rows(predictor)
    return LoadedBundle(predictor, data.bundle.manifest, data.etag)


def _refuse_interface(data: ModelData, before: LoadedBundle | None) -> NoReturn:
    changed = changed_parts(before.manifest, data.bundle.manifest) if before else []
    parts = f" ({', '.join(changed)})" if changed else ""
    raise ModelDataError(
        f"Version {data.bundle.manifest.version} has another interface than the API was deployed "
        f"for{parts}: deploy it."
    )


def _reason(error: Exception) -> str:
    if isinstance(error, BundleError | ModelDataError | ModelError):
        return str(error)
    return f"An error in the program: {type(error).__name__}: {error}"
