"""Faults at the start and the end of the server: an unusable model, too little memory, SIGTERM."""

from __future__ import annotations

import signal
import tarfile
from typing import TYPE_CHECKING

import msgspec

from benchmarks.faults.clients import Load
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.server import Server
from bundle import Golden, read_directory, write_archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Enough for the HTTP process, too little for a worker with a model.
FEW_BYTES = 150 << 20
BEFORE = 500


def missing(folder: Path) -> Outcome:
    """The model file is missing."""
    return _refused(folder, damage=lambda model: (model / "model.onnx").unlink())


def altered(folder: Path) -> Outcome:
    """The SHA-256 of the model differs from the one in the manifest."""
    return _refused(folder, damage=_alter)


def no_memory(folder: Path) -> Outcome:
    """The model does not fit into the available memory."""
    return _refused(folder, prefix=("prlimit", f"--as={FEW_BYTES}"))


def _refused(
    folder: Path, *, damage: Callable[[Path], None] | None = None, prefix: tuple[str, ...] = ()
) -> Outcome:
    with Server(folder, damage=damage, prefix=prefix) as server, Load(server.port) as load:
        code, seconds = server.until_exit()
        load.join()
        (event,) = server.events("model cannot be served")
    reason = event["reason"].replace(f"{folder}/", "")
    return Outcome.of(load, seconds=seconds, until=f"ended with {code}", seen=f"the log: {reason}")


def _alter(model: Path) -> None:
    with (model / "model.onnx").open("ab") as graph:
        graph.write(b"\0")


def wrong(folder: Path) -> Outcome:
    """The model predicts a golden row wrong."""
    return _refused(folder, damage=_change_golden_prediction)


def _change_golden_prediction(model: Path) -> None:
    bundle = read_directory(model)
    golden = Golden(
        instance=bundle.manifest.golden[0].instance, prediction={"label": "yes", "probability": 0.75}
    )
    manifest = msgspec.structs.replace(bundle.manifest, golden=(golden,))
    archive = model.parent / "model.tar.gz"
    write_archive(archive, manifest=manifest, model=bundle.model, quantiles=bundle.quantiles)
    with tarfile.open(archive) as members:
        members.extractall(model, filter="data")


def terminated(folder: Path) -> Outcome:
    """The server gets SIGTERM at 500 requests a second."""
    with Server(folder) as server:
        server.until_healthy()
        with Load(server.port) as load:
            load.until(BEFORE)
            server.process.send_signal(signal.SIGTERM)
            code, seconds = server.until_exit()
            load.join()
    return Outcome.of(load, seconds=seconds, until=f"ended with {code}")
