"""Reference of a manifest: its format, its contradictions, and what it says of a typical row."""

import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bundle import BundleError, Distribution, Manifest, read_archive
from bundle.reference.training_reference import typical_row
from tests.reference import REFERENCE
from tests.tiny_bundle import tiny_manifest, write_tiny_bundle


def test_a_manifest_with_a_reference_has_format_4_and_is_read_back_as_written() -> None:
    """An older program refuses it with both numbers; it does not know the name `reference`."""
    sealed = tiny_manifest(reference=REFERENCE).sealed(b"")

    assert sealed.format == 4
    assert Manifest.decode(sealed.encode()) == sealed
    with pytest.raises(BundleError, match="has format 3, but parts of format 4"):
        Manifest.decode(sealed.encode().replace(b'"format": 4', b'"format": 3'))


def test_a_bundle_without_a_reference_is_read_and_keeps_its_format(tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "model.tar.gz")

    found = read_archive(tmp_path / "model.tar.gz").manifest

    assert (found.format, found.reference) == (1, msgspec.UNSET)
    assert b"reference" not in found.encode()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"fields": {"size": REFERENCE.fields["size"]}}, "other fields than the model's"),
        ({"typical": {"weight": 1.0}}, "typical values or groups"),
        ({"together": {"a": ("size",), "b": ("size", "at")}}, "one field twice"),
        ({"predictions": {"": Distribution(edges=(1.0, 0.0), shares=(1.0,))}}, "contradict each other"),
        ({"predictions": {"": Distribution(edges=(0.0, 1.0))}}, "contradict each other"),
        ({"fields": REFERENCE.fields | {"day": Distribution(first="2024", last="2025")}}, "contradict"),
    ],
)
def test_a_reference_that_contradicts_its_manifest_is_refused(changed: dict[str, Any], sentence: str) -> None:
    reference = msgspec.structs.replace(REFERENCE, **changed)

    with pytest.raises(BundleError, match=sentence):
        tiny_manifest(reference=reference).check()


def test_the_typical_row_has_decoded_values_and_no_field_that_is_not_known() -> None:
    assert typical_row(REFERENCE) == {"size": 2.0, "day": datetime.date(2024, 3, 1)}
