"""A model that follows its object in S3: what is put there is what answers."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from bundle import BundleError, Manifest, changed_parts, interface_of
from bundle.reload_metrics import REFUSED, RELOADED
from serving.function.embedded_metric import notice
from serving.function.model_data import ModelData, ModelDataError, ModelSource
from serving.predict.model import ModelError
from serving.predict.predictor import Predictor

# The most that one request waits for a look at S3, and that a look may take over several.
PATIENCE_SECONDS = 2.0
_LOOK_SECONDS = 30.0
# Of the ten seconds in which a function has to start; the rest is for the bundle that was deployed.
_START_SECONDS = 3.0


class Served(NamedTuple):
    """What answers now.

    Attributes:
        predictor: The loaded bundle.
        manifest: What the bundle says of itself.
        etag: What S3 calls the content it was read from; empty for that of another object.
    """

    predictor: Predictor
    manifest: Manifest
    etag: str


class FreshModel:
    """The bundle at an address, read again when it has changed.

    A request looks whether it has, at most once in `every` seconds, in a thread that it waits for so long as
    `PATIENCE_SECONDS`. Lambda stops a function's clock between requests, so what is not done by then goes on
    with the next ones. Each request takes `predictor` once and so is answered by one version.

    Args:
        source: Where the bundle is.
        deployed: Loads the bundle that was deployed, for a start without another that may be served.
        interface: What its clients rely on, as `bundle.interface_of` has it.
        every: Seconds from one look to the next, at least.
        function: Name of the function, for its log.
        clock: Seconds of the day, and not of the machine, whose own clock may stand still between requests.
    """

    def __init__(
        self,
        source: ModelSource,
        *,
        deployed: Callable[[], Served],
        interface: str,
        every: float,
        function: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._interface = interface
        self._every = every
        self._function = function
        self._clock = clock
        self._turn = threading.Lock()
        self._look: threading.Thread | None = None
        self._looked = clock()
        self._served: Served | None = None
        self._reload(_START_SECONDS)
        if self._served is None:
            self._served = deployed()._replace(etag="")

    @property
    def predictor(self) -> Predictor:
        """What answers a request that begins now."""
        if not self._is_fresh() and self._turn.acquire(blocking=False):
            try:
                # Somebody else may have looked since.
                if not self._is_fresh():
                    self._wait_for_look()
            finally:
                self._turn.release()
        assert self._served is not None  # noqa: S101  # it is from the start
        return self._served.predictor

    def _is_fresh(self) -> bool:
        return 0 <= self._clock() - self._looked < self._every

    def _wait_for_look(self) -> None:
        self._looked = self._clock()
        if self._look is None or not self._look.is_alive():
            self._look = threading.Thread(target=self._reload, args=(_LOOK_SECONDS,), daemon=True)
            self._look.start()
        self._look.join(PATIENCE_SECONDS)

    def _reload(self, seconds: float) -> None:
        before = self._served
        begun = time.monotonic()
        try:
            data = self._source.fetch_unless(before.etag if before else "", seconds=seconds)
            if data is None:
                return
            self._served = self._load(data, before)
        except Exception as error:
            reason = _sentence(error)
            self._tell("error", "bundle not reloaded", REFUSED, before, reason=reason)
            return
        if before:
            taken = round(time.monotonic() - begun, 3)
            version = self._served.predictor.version
            self._tell("info", "bundle reloaded", RELOADED, before, version=version, seconds=taken)

    def _load(self, data: ModelData, before: Served | None) -> Served:
        if interface_of(data.bundle.manifest) != self._interface:
            _refuse_interface(data, before)
        return load(data)

    def _tell(self, level: str, event: str, counted: str, before: Served | None, **fields: object) -> None:
        version = before.predictor.version if before else None
        line = notice(
            level,
            event,
            function=self._function,
            counted=counted,
            bundle=self._source.url,
            **({"served": version} | fields),
        )
        print(line, flush=True)


def load(data: ModelData) -> Served:
    """A bundle that answers its golden rows.

    Raises:
        ModelError: When it does not.
    """
    predictor = Predictor(data.bundle)
    predictor.check()
    return Served(predictor, data.bundle.manifest, data.etag)


def _refuse_interface(data: ModelData, before: Served | None) -> NoReturn:
    changed = changed_parts(before.manifest, data.bundle.manifest) if before else []
    what = f" ({', '.join(changed)})" if changed else ""
    raise ModelDataError(
        f"Version {data.bundle.manifest.version} is for other requests, or gives other answers, than the API "
        f"was deployed for{what}: deploy it."
    )


def _sentence(error: Exception) -> str:
    if isinstance(error, BundleError | ModelDataError | ModelError):
        return str(error)
    return f"An error in the program: {type(error).__name__}: {error}"
