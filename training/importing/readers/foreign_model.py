"""Imported model as its reader returns it: a graph, and what the file says about its columns and labels."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import onnx
from numpy.typing import NDArray

from bundle import WordRule
from training.importing.column_matching import found_columns
from training.importing.graphs.foreign_graph import InputKind

# Predicts rows in the library that made the model: a data frame of the model's columns to probabilities of
# shape (rows, labels), or values of shape (rows, 1).
Original = Callable[[Any], NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class ForeignModel:
    """A model that was read.

    Attributes:
        model: Its ONNX graph.
        origin: What it was made by, for reports.
        columns: Names of its columns in the order of its inputs; empty when the file does not name them.
        labels: Names of its labels in the order of the probabilities; empty when the graph names them.
        tensors: Names of the columns of each input, of a graph with several tensors of columns.
        kinds: Kinds of columns that the type of their tensor does not say.
        words: Columns that the model takes as words, whatever they look like.
        texts: How the words of each column of texts are found.
        known: The only values of columns that take no others, by column.
        looked_up: Columns whose numbers are looked up among categories, so that a rounded one is another.
        original: Predicts in the library that made it; None when the graph itself is the original.
        libraries: Versions of libraries that the file states.
        notes: Sentences on what was noticed while it was read.
        cure: What to do when its graph predicts otherwise than the original.
        alternatives: Make other conversions of the model, to try when this one predicts otherwise.
    """

    model: onnx.ModelProto
    origin: str
    columns: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    tensors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, InputKind] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    texts: Mapping[str, WordRule] = field(default_factory=dict)
    known: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    looked_up: tuple[str, ...] = ()
    original: Original | None = None
    libraries: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    cure: str = "Export the model to ONNX with its own tool, and import that file"
    alternatives: tuple[Callable[[], Self], ...] = ()

    @property
    def number_words(self) -> tuple[str, ...]:
        """Columns of words whose only values are numbers."""
        return tuple(
            name
            for name in self.words
            if name in self.known and not any(isinstance(value, str) for value in self.known[name])
        )

    def named_as(self, sample: Iterable[str]) -> Self:
        """Copies the model with what it says about columns under the names of the sample's columns."""
        wanted = [*self.words, *self.kinds, *self.texts, *self.known, *self.looked_up]
        names = {**dict(zip(wanted, wanted, strict=True)), **found_columns(wanted, sample)}
        return replace(
            self,
            words=tuple(names[name] for name in self.words),
            kinds={names[name]: kind for name, kind in self.kinds.items()},
            texts={names[name]: rule for name, rule in self.texts.items()},
            looked_up=tuple(names[name] for name in self.looked_up),
            known={names[name]: values for name, values in self.known.items()},
        )
