"""Registry of the models that every worker holds or is to load."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from serving.workers.protocol import ModelLoaded


class ModelEntry(NamedTuple):
    """A model that is loaded or is to be loaded.

    Attributes:
        path: Folder of its unpacked bundle.
        loaded: Reply of the last worker that loaded it; None before the first.
        addition: How many models were added before: a name that was removed and added again has another one.
    """

    path: str
    loaded: ModelLoaded | None = None
    addition: int = 0


class LoadedModels:
    """The models by name; the only model of a server of one model has the name "".

    Attributes:
        are_many: Whether the multi-model API loads and unloads models while the server runs.
        transform: Whether their requests are those of a batch transform job.
    """

    def __init__(self, path: str | None, *, transform: bool = False) -> None:
        """Creates the registry; `path` is the folder of the only model, None for the multi-model API."""
        self.are_many = path is None
        self.transform = transform
        self._entries = {} if path is None else {"": ModelEntry(path)}
        self._additions = 0

    @property
    def entries(self) -> Mapping[str, ModelEntry]:
        """The models by name."""
        return self._entries

    def missing(self, held: Set[str]) -> list[tuple[str, ModelEntry]]:
        """Returns name and entry of each model that a worker which holds `held` is still to load."""
        return [(name, entry) for name, entry in self._entries.items() if name not in held]

    def has(self, name: str, entry: ModelEntry) -> bool:
        """Whether a model is still the one of this entry: neither removed nor added again since."""
        now = self._entries.get(name)
        return now is not None and now.addition == entry.addition

    def add(self, name: str, path: str, loaded: ModelLoaded) -> None:
        """Adds a model; from now on every new worker loads it."""
        self._additions += 1
        self._entries[name] = ModelEntry(path, loaded, self._additions)

    def record_loaded(self, name: str, loaded: ModelLoaded) -> None:
        """Records the reply of a worker that loaded a model."""
        if name in self._entries:
            self._entries[name] = self._entries[name]._replace(loaded=loaded)

    def remove(self, name: str) -> None:
        """Removes a model, if it is there; no new worker loads it."""
        self._entries.pop(name, None)

    def versions(self) -> list[tuple[str, str]]:
        """Returns name and version of each loaded model, as in its manifest."""
        loaded = (entry.loaded for entry in self._entries.values())
        return [(model.name, model.version) for model in loaded if model]
