"""A golden row with one unknown field."""

from api.model_url_paths import JsonObject
from bundle import Manifest


def misspelled_field(manifest: Manifest) -> tuple[str, str]:
    """Returns the name of a field, and a misspelling of it that is not the name of any field."""
    names = {field.name for field in manifest.fields}
    name = misspelling = manifest.fields[0].name
    while misspelling in names:
        misspelling += misspelling[-1]
    return name, misspelling


def row_with_unknown_field(manifest: Manifest) -> JsonObject:
    """Returns a golden row with one more value, under a misspelled name."""
    _, name = misspelled_field(manifest)
    return {**manifest.golden[0].instance, name: 1}
