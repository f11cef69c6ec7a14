"""A row that is wrong in one way."""

from typing import Any

from bundle import Manifest


def misspelled(manifest: Manifest) -> tuple[str, str]:
    """A field's name, and a name that looks like it and is no field's."""
    names = {field.name for field in manifest.fields}
    name = wrong = manifest.fields[0].name
    while wrong in names:
        wrong += wrong[-1]
    return name, wrong


def wrong_row(manifest: Manifest) -> dict[str, Any]:
    """A golden row with one value more, under a name that is no field's."""
    _, name = misspelled(manifest)
    return {**manifest.golden[0].instance, name: 1}
