"""Folders and files of a training container: /opt/ml."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from bundle import read_archive
from bundle.archive import MANIFEST, MODEL, QUANTILES
from training.sagemaker.container.hosts import Hosts
from training.sagemaker.errors import ContractError
from training.sagemaker.hyperparameters import TRAINING_CHANNEL

# SageMaker shows this many characters of the failure file.
MAX_FAILURE = 1024

T = TypeVar("T")


class ChannelConfig(msgspec.Struct, frozen=True, rename="pascal"):
    """Configuration of one channel in inputdataconfig.json."""

    training_input_mode: str = "File"


@dataclass(frozen=True)
class JobFolder:
    """/opt/ml in a training container.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
    """

    base: Path

    @property
    def model(self) -> Path:
        """Folder that SageMaker packs as model.tar.gz."""
        return self.base / "model"

    @property
    def results(self) -> Path:
        """Folder of other results, which SageMaker packs as output.tar.gz."""
        return self.base / "output" / "data"

    @property
    def checkpoints(self) -> Path | None:
        """Folder that SageMaker copies to S3 during the job; None for a job without checkpoints."""
        folder = self.base / "checkpoints"
        return folder if folder.is_dir() else None

    def hyperparameters(self) -> dict[str, str]:
        """Reads hyperparameters.json.

        Raises:
            ContractError: When a value is not a string.
        """
        return self._config("hyperparameters", dict[str, str], {})

    def hosts(self) -> Hosts:
        """Reads resourceconfig.json.

        Raises:
            ContractError: When the file is invalid.
        """
        return self._config("resourceconfig", Hosts, Hosts())

    def data(self, others: Sequence[str] = ()) -> str | None:
        """Returns the path of the channel's file, or the glob pattern of its files; None without a channel.

        Args:
            others: Names of further channels that the job may have.

        Raises:
            ContractError: When there is another channel, or the channel is not one folder of files.
        """
        channels = self._channels()
        if unknown := sorted(channels.keys() - {TRAINING_CHANNEL, *others}):
            wanted = (
                f"channels {', '.join((TRAINING_CHANNEL, *others))}"
                if others
                else f"one channel {TRAINING_CHANNEL}"
            )
            raise ContractError(f"Unknown channel {unknown[0]}: use the {wanted}.")
        for name, channel in channels.items():
            if (mode := channel.training_input_mode) == "Pipe":
                raise ContractError(f"The channel {name} has the input mode {mode}: use File or FastFile.")
        return self.files(TRAINING_CHANNEL)

    def files(self, channel: str) -> str | None:
        """Returns the path of a channel's file, or the glob pattern of its files; None without the channel.

        Raises:
            ContractError: When the channel is not one folder of files.
        """
        if channel not in self._channels():
            return None
        return _pattern(self.base / "input" / "data" / channel)

    def channel_file(self, name: str) -> Path:
        """Returns the one file of a channel.

        Raises:
            ContractError: When the channel is missing, or has no file or several.
        """
        folder = self.base / "input" / "data" / name
        files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
        if len(files) != 1:
            fault = f"has {len(files):,} files" if files else "is missing or empty"
            raise ContractError(f"The channel {name} {fault}: give it the S3 URI of one model.tar.gz.")
        return files[0]

    def save(self, archive: Path) -> None:
        """Unpacks a bundle into the model folder and removes the archive.

        Raises:
            BundleError: When the archive cannot be read.
        """
        bundle = read_archive(archive)
        self.model.mkdir(parents=True, exist_ok=True)
        (self.model / MODEL).write_bytes(bundle.model)
        (self.model / MANIFEST).write_bytes(bundle.manifest.encode())
        if bundle.quantiles:
            (self.model / QUANTILES).write_bytes(bundle.quantiles)
        archive.unlink()

    def fail(self, reason: str) -> None:
        """Writes the failure file, which SageMaker shows as FailureReason."""
        file = self.base / "output" / "failure"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(reason[:MAX_FAILURE], encoding="utf-8")

    def _channels(self) -> dict[str, ChannelConfig]:
        return self._config("inputdataconfig", dict[str, ChannelConfig], {})

    def _config(self, name: str, type_: type[T], default: T) -> T:
        file = self.base / "input" / "config" / f"{name}.json"
        try:
            return msgspec.json.decode(file.read_bytes(), type=type_)
        except FileNotFoundError:
            return default
        except msgspec.DecodeError as error:
            raise ContractError(f"{file.name} is not in SageMaker's format: {error}.") from error


def _pattern(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    folders = {path.parent for path in files}
    if len(folders) != 1:
        fault = "is empty" if not files else "has files in more than one folder"
        raise ContractError(f"The channel {folder.name} {fault}: use the S3 prefix of one folder of files.")
    return str(files[0] if len(files) == 1 else folders.pop() / "*")
