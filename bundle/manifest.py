"""What a bundle says about its model."""

import hashlib
import re
from collections.abc import Iterator
from typing import Self

import msgspec

from bundle.errors import BundleError
from bundle.field import Field
from bundle.numerals import Numerals
from bundle.prediction import Golden, Task
from bundle.rows import row_type

# The newest layout that is read. A bundle says the oldest that has all it needs, so an older program, which
# would misread a field or a text that it does not know, refuses it and serves all the others.
FORMAT = 2
_FORMAT_OF_ALL = 1

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")

# A JSON string that needs no escaping, which is what msgspec takes as a key.
_FIELD_NAME = re.compile(r'[^"\\\x00-\x1f\x7f]+\Z')

_LABELS: dict[Task, tuple[int, int]] = {"binary": (2, 2), "multiclass": (3, 10_000), "regression": (0, 0)}


class DataSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the training data came from: its name, rows used, first and last day (ISO, or empty)."""

    name: str
    rows: int
    start: str = ""
    end: str = ""


class Metrics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How good the model is: named figures, and the sentence saying on which rows they were measured."""

    split: str
    values: dict[str, float]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about a model but its graph: `manifest.json` of a bundle.

    Attributes:
        format: Version of this layout: 2 with texts, numbers from text or ignored fields, else 1.
        name: Lower-case identifier of the model.
        version: First 12 hex digits of the content digest; filled in when the bundle is written.
        task: What the graph's output means.
        fields: The request row, in order.
        labels: Class names in the order of the graph's `probabilities` columns; empty for regression.
        positive_label: The label whose probability a binary model reports; its last one.
        threshold: Probability from which a binary model answers the positive label.
        metrics: Measured quality.
        data: Training data.
        libraries: Versions of the libraries that made the model.
        model_sha256: Digest of `model.onnx`; filled in when the bundle is written.
        golden: Rows with the answers they must get, one at least.
    """

    format: int = _FORMAT_OF_ALL
    name: str
    version: str = ""
    task: Task
    fields: tuple[Field, ...]
    labels: tuple[str, ...] = ()
    positive_label: str | None = None
    threshold: float | None = None
    metrics: Metrics
    data: DataSource
    libraries: dict[str, str]
    model_sha256: str = ""
    golden: tuple[Golden, ...]

    def sealed(self, model: bytes) -> Self:
        """This manifest with the digest of `model` and the version that follows from both."""
        digest = hashlib.sha256(model).hexdigest()
        blank = msgspec.structs.replace(self, format=self._needed_format, version="", model_sha256=digest)
        # As it will be read again: a whole number in a float's place comes back as a float.
        blank = msgspec.json.decode(msgspec.json.encode(blank), type=type(self))
        content = hashlib.sha256(msgspec.json.encode(blank, order="sorted")).hexdigest()
        return msgspec.structs.replace(blank, version=content[:12])

    def encode(self) -> bytes:
        """`manifest.json`: the same bytes for the same manifest."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=2)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Reads `manifest.json`.

        Raises:
            BundleError: When it is not a manifest of this format or contradicts itself.
        """
        try:
            found = msgspec.json.decode(data, type=_Format).format
            if not _FORMAT_OF_ALL <= found <= FORMAT:
                raise BundleError(
                    f"The bundle's manifest has format {found}, and this program reads formats to {FORMAT}: "
                    "train the model again with this version, or use the version that wrote it."
                )
            manifest = msgspec.json.decode(data, type=cls)
            if found != (needed := manifest._needed_format):
                raise BundleError(
                    f"The bundle's manifest has format {found}, but fields of format {needed}: "
                    "train the model again with this version."
                )
        except msgspec.DecodeError as error:
            raise BundleError(f"The bundle's manifest.json is not valid: {error}.") from error
        manifest.check()
        return manifest

    @property
    def _needed_format(self) -> int:
        needing = (field.type == "text" or field.from_text or field.ignored for field in self.fields)
        return FORMAT if any(needing) else _FORMAT_OF_ALL

    def check(self) -> None:
        """Raises BundleError, naming the first contradiction, unless the parts fit together."""
        for sentence in self._contradictions():
            raise BundleError(f"The bundle's manifest of model {self.name!r} {sentence}.")

    def _contradictions(self) -> Iterator[str]:
        names = [field.name for field in self.fields]
        if not _NAME.match(self.name):
            yield "has a name that is not lower-case letters, digits and underscores"
        if not names or len(set(names)) != len(names):
            yield "declares no fields, or one twice"
        if not all(_FIELD_NAME.match(name) for name in names):
            yield "has a field whose name is empty or holds a quotation mark, backslash or control character"
        yield from self._field_contradictions()
        yield from self._label_contradictions()
        if not self.golden:
            yield "has no golden row, so nothing could tell whether it works"
        if not self._golden_rows_fit():
            yield "has a golden row that its own fields refuse, or a field whose pattern is none"

    def _field_contradictions(self) -> Iterator[str]:
        if any(field.ignored and field.required for field in self.fields):
            yield "has a field that is both ignored and required"
        if any(field.from_text and not field.is_number for field in self.fields):
            yield "has a field that is read from text and is no number"

    def _label_contradictions(self) -> Iterator[str]:
        count = len(set(self.labels))
        if count != len(self.labels) or not _LABELS[self.task][0] <= count <= _LABELS[self.task][1]:
            yield f"has {len(self.labels)} labels, which does not fit its task, {self.task}"
        if self.task == "binary" and self.positive_label != self.labels[-1]:
            yield "does not have the positive label last"
        if self.task == "binary" and (self.threshold is None or not 0 <= self.threshold <= 1):
            yield "has no threshold between 0 and 1"

    def _golden_rows_fit(self) -> bool:
        try:
            row, numerals = row_type(self.fields), Numerals(self.fields)
            for golden in self.golden:
                numerals.read(msgspec.structs.astuple(msgspec.convert(golden.instance, row)))
        except (msgspec.ValidationError, re.error):
            return False
        return True


class _Format(msgspec.Struct):
    format: int
