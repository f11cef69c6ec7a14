"""Which models every worker holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serving.workers.process import WorkerProcess
    from serving.workers.protocol import Loaded


class Entry(NamedTuple):
    """A model that is, or is to be, loaded.

    Attributes:
        path: Folder of its unpacked bundle.
        loaded: What the last worker that loaded it said; None before.
    """

    path: str
    loaded: Loaded | None = None


class Models:
    """The models by the names that they are asked for; the one of a process for one model has the name "".

    Attributes:
        are_many: Whether models come and go while the process runs.
    """

    def __init__(self, path: str | None) -> None:
        self.are_many = path is None
        self._entries = {} if path is None else {"": Entry(path)}

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The models by name."""
        return self._entries

    def missing(self, worker: WorkerProcess) -> list[tuple[str, str]]:
        """Name and folder of what a worker is still to load."""
        return [(name, entry.path) for name, entry in self._entries.items() if name not in worker.models]

    def add(self, name: str, path: str, loaded: Loaded) -> None:
        """Has every worker hold a model from now on."""
        self._entries[name] = Entry(path, loaded)

    def note(self, name: str, loaded: Loaded) -> None:
        """Notes what a worker said of a model it has loaded."""
        if name in self._entries:
            self._entries[name] = self._entries[name]._replace(loaded=loaded)

    def drop(self, name: str) -> None:
        """Has no worker load a model any more."""
        self._entries.pop(name, None)

    def versions(self) -> list[tuple[str, str]]:
        """Name and version of what is loaded, as their bundles say."""
        loaded = (entry.loaded for entry in self._entries.values())
        return [(found.name, found.version) for found in loaded if found]
