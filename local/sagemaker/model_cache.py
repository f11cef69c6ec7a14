"""The models of a container that hosts several: there from when they are first asked for, as memory allows.

https://docs.aws.amazon.com/sagemaker/latest/dg/how-multi-model-works.html
"""

import hashlib
import json
import logging
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from local.sagemaker.errors import LoadError, ModelDataError
from local.sagemaker.reply import Reply, ask

logger = logging.getLogger(__name__)

# SageMaker answers an invocation within so many seconds, whether its model is loaded by then or not.
LOADING_SECONDS = 60.0

_TARGET = "x-amzn-sagemaker-target-model"


class ModelCache:
    """Which models the container holds; those on disk stay there until it stops.

    Args:
        folder: Its SAGEMAKER_BASE_DIR; models are unpacked below models/.
        prefix: What the URLs of the models' archives begin with, as the ModelDataUrl holds it.
        fetch: Downloads and unpacks: the URL and the folder to make.
    """

    def __init__(self, *, folder: Path, prefix: str, fetch: Callable[[str, Path], None]) -> None:
        self._folder = folder / "models"
        self._prefix = prefix
        self._fetch = fetch
        # The one that was asked last is last.
        self._loaded: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._changing = threading.Lock()

    def require(self, port: int, target: str) -> str:
        """Have the container hold a model.

        Args:
            port: Where the container listens.
            target: The archive's name, relative to the prefix.

        Returns:
            The path that the model is invoked with.

        Raises:
            ModelDataError: Its archive cannot be had or unpacked.
            LoadError: The container refuses it.
            ContainerDownError: The container does not listen.
            ContainerLateError: It was not loaded in time.
            ContainerLostError: The container broke off.
        """
        if not self._use(target):
            with self._changing:
                if not self._use(target):
                    self._load(port, target)
        return f"/models/{self._name(target)}/invoke"

    def forget(self, target: str) -> None:
        """Take note that the container does not hold a model, because it was started again."""
        with self._lock:
            self._loaded.pop(target, None)

    def _use(self, target: str) -> bool:
        with self._lock:
            if target in self._loaded:
                self._loaded.move_to_end(target)
            return target in self._loaded

    def _load(self, port: int, target: str) -> None:
        folder = self._unpacked(target)
        wish = {"model_name": self._name(target), "url": str(folder)}
        while (
            reply := _call(port, "POST", "/models", target, wish)
        ).status == HTTPStatus.INSUFFICIENT_STORAGE:
            if not self._unload_oldest(port):
                break
        # It is loaded already where an invocation before did not wait for it to the end.
        if not reply.is_success and reply.status != HTTPStatus.CONFLICT:
            raise LoadError(reply.status, reply.text)
        with self._lock:
            self._loaded[target] = None
        logger.info("Model %s is loaded.", target)

    def _unload_oldest(self, port: int) -> bool:
        with self._lock:
            if not self._loaded:
                return False
            target, _ = self._loaded.popitem(last=False)
        _call(port, "DELETE", f"/models/{self._name(target)}", target)
        logger.info("Model %s is unloaded: there is no memory for another one beside it.", target)
        return True

    def _unpacked(self, target: str) -> Path:
        folder = self._folder / self._name(target) / "model"
        if not folder.exists():
            draft = folder.with_name("draft")
            try:
                self._fetch(self._url(target), draft)
            except ModelDataError:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            draft.rename(folder)
        return folder

    def _url(self, target: str) -> str:
        return f"{self._prefix.rstrip('/')}/{target.lstrip('/')}"

    def _name(self, target: str) -> str:
        """What the container calls it: not the archive's name, as nothing may rely on that."""
        return hashlib.sha256(self._url(target).encode()).hexdigest()[:32]


def _call(port: int, method: str, path: str, target: str, body: object = None) -> Reply:
    headers = {"content-type": "application/json", "accept": "application/json", _TARGET: target}
    payload = b"" if body is None else json.dumps(body).encode()
    return ask(port, method, path, timeout=LOADING_SECONDS, body=payload, headers=headers)
