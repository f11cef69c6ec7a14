"""Models of a multi-model container: loaded at the first invocation, unloaded when memory is short.

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

from local.sagemaker.hosting.container_client import ContainerResponse, send_request
from local.sagemaker.hosting.errors import ModelArchiveError, ModelLoadError

logger = logging.getLogger(__name__)

# SageMaker's limit for an invocation, whether its model is loaded by then or not.
LOADING_SECONDS = 60.0

# The HTTP header that names the model of an invocation.
TARGET_MODEL_HEADER = "x-amzn-sagemaker-target-model"


class ModelCache:
    """The loaded models of a container; unpacked archives stay on disk until it stops.

    Args:
        folder: Its SAGEMAKER_BASE_DIR; archives are unpacked below models/.
        prefix: The common prefix of the archives' URLs: ModelDataUrl.
        download: Downloads and unpacks an archive: takes its URL and the folder to create.
    """

    def __init__(self, *, folder: Path, prefix: str, download: Callable[[str, Path], None]) -> None:
        self._folder = folder / "models"
        self._prefix = prefix
        self._download = download
        # Least recently used first.
        self._loaded: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._changing = threading.Lock()

    def load(self, port: int, target: str) -> str:
        """Loads a model into the container, unless it is loaded.

        Args:
            port: The container's port.
            target: The archive's name, relative to the prefix.

        Returns:
            The path of the model's invocations.

        Raises:
            ModelArchiveError: Its archive cannot be downloaded or unpacked.
            ModelLoadError: The container refuses it.
            ContainerDownError: The container does not listen.
            ContainerTimeoutError: The model was not loaded in time.
            ContainerConnectionError: The container closed the connection.
        """
        if not self._use(target):
            with self._changing:
                if not self._use(target):
                    self._load(port, target)
        return f"/models/{self._name(target)}/invoke"

    def forget(self, target: str) -> None:
        """Removes a model that the container has lost by a restart."""
        with self._lock:
            self._loaded.pop(target, None)

    def _use(self, target: str) -> bool:
        with self._lock:
            if target in self._loaded:
                self._loaded.move_to_end(target)
            return target in self._loaded

    def _load(self, port: int, target: str) -> None:
        folder = self._unpacked(target)
        body = {"model_name": self._name(target), "url": str(folder)}
        while (
            response := _send(port, "POST", "/models", target, body)
        ).status == HTTPStatus.INSUFFICIENT_STORAGE:
            if not self._unload_least_recently_used(port):
                break
        # CONFLICT: the model is loaded already, for an earlier invocation that timed out.
        if not response.is_success and response.status != HTTPStatus.CONFLICT:
            raise ModelLoadError(response.status, response.text)
        with self._lock:
            self._loaded[target] = None
        logger.info("Model %s is loaded.", target)

    def _unload_least_recently_used(self, port: int) -> bool:
        with self._lock:
            if not self._loaded:
                return False
            target, _ = self._loaded.popitem(last=False)
        _send(port, "DELETE", f"/models/{self._name(target)}", target)
        logger.info("Model %s is unloaded to make room for another model.", target)
        return True

    def _unpacked(self, target: str) -> Path:
        folder = self._folder / self._name(target) / "model"
        if not folder.exists():
            draft = folder.with_name("draft")
            try:
                self._download(self._url(target), draft)
            except ModelArchiveError:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            draft.rename(folder)
        return folder

    def _url(self, target: str) -> str:
        return f"{self._prefix.rstrip('/')}/{target.lstrip('/')}"

    def _name(self, target: str) -> str:
        """Returns the model's name in the container, which differs from the archive's name as on AWS."""
        return hashlib.sha256(self._url(target).encode()).hexdigest()[:32]


def _send(port: int, method: str, path: str, target: str, body: object = None) -> ContainerResponse:
    headers = {"content-type": "application/json", "accept": "application/json", TARGET_MODEL_HEADER: target}
    payload = b"" if body is None else json.dumps(body).encode()
    return send_request(port, method, path, timeout=LOADING_SECONDS, body=payload, headers=headers)
