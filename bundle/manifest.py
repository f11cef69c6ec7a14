"""Manifest of a bundle: `manifest.json`, its checks, and the digest of the interface that it declares."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

import msgspec
from msgspec import UNSET, UnsetType

from bundle.errors import BundleError
from bundle.field import FIRST_FORMAT, IDENTIFIER, UNUSABLE_IN_NAMES, WORDS_FORMAT, Field
from bundle.predictions.golden_row import Golden
from bundle.predictions.graph_output import Task
from bundle.predictions.quantiles import QUANTILE_NAMES, Quantiles
from bundle.reference.prediction_interval import Interval
from bundle.reference.training_reference import Reference
from bundle.rows import Numerals, broken_rules, row_type, rule_contradictions

# Newest layout that is read. A manifest has the oldest format with all that its fields need, so an older
# program refuses exactly the bundles that it would misread.
FORMAT = 7
_REFERENCE_FORMAT, _HELD_OUT_FORMAT, _QUANTILES_FORMAT = 4, 5, 6

_LABELS: dict[Task, tuple[int, int]] = {"binary": (2, 2), "multiclass": (3, 10_000), "regression": (0, 0)}


class DataSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Origin of the training data.

    Attributes:
        name: Name of the source.
        rows: Number of rows used. The model that ships has learned from all of them, or from fewer.
        start: First day of the rows in ISO form; empty without dates.
        end: Last day of the rows.
        held_out: Share of rows without dates that training left out by their digests, so that a judge can
            use them; unset when none were.
    """

    name: str
    rows: int
    start: str = ""
    end: str = ""
    held_out: float | UnsetType = UNSET


class Metrics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Measured quality: values by metric name, and a sentence that names the rows they were measured on."""

    split: str
    values: dict[str, float]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Content of `manifest.json`: all that a bundle states about its model except the graph.

    Attributes:
        format: Version of this layout: 7 with a rule of words; else 6 with quantiles; else 5 with held-out
            rows; else 4 with a reference or an interval; else 3 with booleans or rules of rows; else 2 with
            texts, numbers from text or ignored fields; else 1.
        name: Lower-case identifier of the model.
        version: First 12 hex digits of the content digest; filled in when the bundle is written.
        task: Task of the model, which decides the meaning of the graph's output.
        fields: The request row, in order.
        labels: Class names in the order of the graph's `probabilities` columns; empty for regression.
        positive_label: The label whose probability a binary model reports; its last one.
        threshold: Probability from which a binary model answers the positive label.
        metrics: Measured quality.
        data: Training data.
        libraries: Versions of the libraries that made the model.
        model_sha256: Digest of `model.onnx`; filled in when the bundle is written.
        golden: At least one row with the prediction that it must get.
        reference: What training saw; unset in bundles of format 3 and older.
        interval: Interval of the values of a regression with enough test rows.
        quantiles: Second target with quantiles in a graph of its own; unset without one.
    """

    format: int = FIRST_FORMAT
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
    # UNSET keeps old manifests byte-identical.
    reference: Reference | UnsetType = UNSET
    interval: Interval | UnsetType = UNSET
    quantiles: Quantiles | UnsetType = UNSET

    def sealed(self, model: bytes, quantiles: bytes = b"") -> Self:
        """Returns this manifest with the digests of both graphs and the version computed from all."""
        digest = hashlib.sha256(model).hexdigest()
        blank = msgspec.structs.replace(self, format=self._needed_format, version="", model_sha256=digest)
        if blank.quantiles:
            digest = hashlib.sha256(quantiles).hexdigest()
            found = msgspec.structs.replace(blank.quantiles, model_sha256=digest)
            blank = msgspec.structs.replace(blank, quantiles=found)
        # Decoded once, because a whole number in a float's place is read back as a float.
        blank = msgspec.json.decode(msgspec.json.encode(blank), type=type(self))
        content = hashlib.sha256(msgspec.json.encode(blank, order="sorted")).hexdigest()
        return msgspec.structs.replace(blank, version=content[:12])

    def encode(self) -> bytes:
        """Encodes `manifest.json`: the same bytes for the same manifest."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=2)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Reads `manifest.json`.

        Raises:
            BundleError: When `data` is not a manifest of a known format, or contradicts itself.
        """
        try:
            found = msgspec.json.decode(data, type=_Format).format
            if not FIRST_FORMAT <= found <= FORMAT:
                raise BundleError(
                    f"The bundle's manifest has format {found}, and this program reads formats to {FORMAT}: "
                    "train the model again with this version, or use the version that wrote it."
                )
            manifest = msgspec.json.decode(data, type=cls)
            if found != (needed := manifest._needed_format):
                raise BundleError(
                    f"The bundle's manifest has format {found}, but parts of format {needed}: "
                    "train the model again with this version."
                )
        except msgspec.DecodeError as error:
            raise BundleError(f"The bundle's manifest.json is not valid: {error}.") from error
        manifest.check()
        return manifest

    @property
    def _needed_format(self) -> int:
        of_fields = max((field.format for field in self.fields), default=FIRST_FORMAT)
        if of_fields == WORDS_FORMAT:
            return of_fields
        if self.quantiles:
            return _QUANTILES_FORMAT
        if self.data.held_out:
            return _HELD_OUT_FORMAT
        if self.reference or self.interval:
            return _REFERENCE_FORMAT
        return of_fields

    @property
    def golden_answers(self) -> tuple[Golden, ...]:
        """The golden rows with all that a request can ask for: the quantiles of a second target too."""
        if not self.quantiles:
            return self.golden
        name = self.quantiles.name
        return tuple(
            Golden(
                instance=row.instance,
                prediction={**row.prediction, name: dict(zip(QUANTILE_NAMES, found, strict=True))},
            )
            for row, found in zip(self.golden, self.quantiles.golden, strict=True)
        )

    def check(self) -> None:
        """Raises BundleError, which names the first contradiction, unless the parts are consistent."""
        for sentence in self._contradictions():
            raise BundleError(f"The bundle's manifest of model {self.name!r} {sentence}.")

    def _contradictions(self) -> Iterator[str]:
        names = [field.name for field in self.fields]
        if not IDENTIFIER.fullmatch(self.name):
            yield "has a name that is not lower-case letters, digits and underscores, or ends with one"
        if not names or len(set(names)) != len(names):
            yield "declares no fields, or one field twice"
        if any(not name or UNUSABLE_IN_NAMES.search(name) for name in names):
            yield "has a field whose name is empty or holds a quotation mark, backslash or control character"
        yield from self._field_contradictions()
        yield from self._label_contradictions()
        if self.reference:
            yield from self.reference.contradictions(self.fields)
        if self.quantiles:
            yield from self.quantiles.contradictions(names, len(self.golden))
        if not self.golden:
            yield "has no golden row, so its predictions could not be checked"
        if not self._golden_rows_fit():
            yield "has a golden row that its own fields refuse, or a field whose pattern is not valid"

    def _field_contradictions(self) -> Iterator[str]:
        if any(field.ignored and field.required for field in self.fields):
            yield "has a field that is both ignored and required"
        if any(field.from_text and not field.is_number for field in self.fields):
            yield "has a field with from_text that is not a number"
        if any(field.type == "boolean" and field.has_rules for field in self.fields):
            yield "has a boolean field with minimum, maximum, pattern, values or max_length"
        yield from rule_contradictions(self.fields)

    def _label_contradictions(self) -> Iterator[str]:
        count = len(set(self.labels))
        if count != len(self.labels) or not _LABELS[self.task][0] <= count <= _LABELS[self.task][1]:
            yield f"has {len(self.labels)} labels, which does not fit its task, {self.task}"
        if self.interval and (self.task != "regression" or not 0 < self.interval.level < 1):
            yield "has an interval that is not of a regression, or whose level is not between 0 and 1"
        if self.task == "binary" and self.positive_label != self.labels[-1]:
            yield "does not have the positive label last"
        if self.task == "binary" and (self.threshold is None or not 0 <= self.threshold <= 1):
            yield "has no threshold between 0 and 1"

    def _golden_rows_fit(self) -> bool:
        try:
            row, numerals, names = row_type(self.fields), Numerals(self.fields), [f.name for f in self.fields]
            rows = [msgspec.structs.astuple(msgspec.convert(golden.instance, row)) for golden in self.golden]
            named = [dict(zip(names, numerals.read(values), strict=True)) for values in rows]
        except (msgspec.ValidationError, re.error):
            return False
        return not any(broken_rules(self.fields, values) for values in named)


class _Format(msgspec.Struct):
    format: int


def interface_of(manifest: Manifest) -> str:
    """Returns the digest, 12 hex digits, of the interface that clients of a model rely on.

    The interface is the model's name, task and labels, the name of its second target, and its fields in order
    with their constraints.
    Threshold, golden rows, descriptions and examples may differ between versions of one interface.
    """
    parts = msgspec.json.encode(list(_interface_parts(manifest).items()), order="sorted")
    return hashlib.sha256(parts).hexdigest()[:12]


def changed_parts(before: Manifest, after: Manifest) -> list[str]:
    """Lists the parts that differ between the interfaces of two manifests; empty when they are equal."""
    old, new = _interface_parts(before), _interface_parts(after)
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return changed or (["the order of the fields"] if list(old) != list(new) else [])


def _interface_parts(manifest: Manifest) -> Mapping[str, Any]:
    return {
        "the name": manifest.name,
        "the task": manifest.task,
        "the labels": manifest.labels,
        **({f"the quantiles of {manifest.quantiles.name}": True} if manifest.quantiles else {}),
        **{f"the field {field.name}": _constraints(field) for field in manifest.fields},
    }


def _constraints(field: Field) -> Field:
    bare = msgspec.structs.replace(field, description="", example="")
    # Decoded once, because a whole number in a float's place is read from a bundle as a float.
    return msgspec.json.decode(msgspec.json.encode(bare), type=Field)
