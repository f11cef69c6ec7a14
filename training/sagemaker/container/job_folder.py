"""The folder by which SageMaker and a training container speak with each other."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from bundle import read_archive
from bundle.archive import MANIFEST, MODEL
from training.sagemaker.container.hosts import Hosts
from training.sagemaker.errors import ContractError

CHANNEL = "training"
MAX_FAILURE = 1024

T = TypeVar("T")


class Channel(msgspec.Struct, frozen=True, rename="pascal"):
    """What inputdataconfig.json says of one channel."""

    training_input_mode: str = "File"


@dataclass(frozen=True)
class JobFolder:
    """/opt/ml in a training container.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
    """

    base: Path

    @property
    def model(self) -> Path:
        """What SageMaker packs as model.tar.gz."""
        return self.base / "model"

    @property
    def results(self) -> Path:
        """What is to be kept beside the model: SageMaker packs it as output.tar.gz."""
        return self.base / "output" / "data"

    @property
    def checkpoints(self) -> Path | None:
        """What SageMaker keeps in S3 while the job runs, for a job that has such a place."""
        folder = self.base / "checkpoints"
        return folder if folder.is_dir() else None

    def hyperparameters(self) -> dict[str, str]:
        """The hyperparameters, every value a string.

        Raises:
            ContractError: They are something else.
        """
        return self._config("hyperparameters", dict[str, str], {})

    def hosts(self) -> Hosts:
        """The machines of the job.

        Raises:
            ContractError: The file says nothing of the kind.
        """
        return self._config("resourceconfig", Hosts, Hosts())

    def data(self) -> str | None:
        """The rows of the channel `training` as a path or a pattern of paths, None when there is no channel.

        Raises:
            ContractError: There is another channel, it is not a folder of files, or it is empty.
        """
        channels = self._config("inputdataconfig", dict[str, Channel], {})
        if unknown := sorted(channels.keys() - {CHANNEL}):
            raise ContractError(
                f"There is no use for the channel {unknown[0]}: name the one channel {CHANNEL}."
            )
        if not channels:
            return None
        if (mode := channels[CHANNEL].training_input_mode) == "Pipe":
            raise ContractError(f"The channel {CHANNEL} comes in mode {mode}: choose File or FastFile.")
        return _pattern(self.base / "input" / "data" / CHANNEL)

    def save(self, archive: Path) -> None:
        """Lays a bundle out where SageMaker packs it as model.tar.gz, and removes the archive.

        Raises:
            BundleError: It cannot be read.
        """
        bundle = read_archive(archive)
        self.model.mkdir(parents=True, exist_ok=True)
        (self.model / MODEL).write_bytes(bundle.model)
        (self.model / MANIFEST).write_bytes(bundle.manifest.encode())
        archive.unlink()

    def fail(self, sentence: str) -> None:
        """Says why the job failed: SageMaker shows it as FailureReason."""
        file = self.base / "output" / "failure"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(sentence[:MAX_FAILURE], encoding="utf-8")

    def _config(self, name: str, type_: type[T], absent: T) -> T:
        file = self.base / "input" / "config" / f"{name}.json"
        try:
            return msgspec.json.decode(file.read_bytes(), type=type_)
        except FileNotFoundError:
            return absent
        except msgspec.DecodeError as error:
            raise ContractError(f"{file.name} is not as SageMaker writes it: {error}.") from error


def _pattern(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    folders = {path.parent for path in files}
    if len(folders) != 1:
        fault = "is empty" if not files else "has files in more than one folder"
        raise ContractError(f"The channel {CHANNEL} {fault}: give the S3 prefix of one folder of files.")
    return str(files[0] if len(files) == 1 else folders.pop() / "*")
