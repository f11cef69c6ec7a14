"""A row with a number that training never saw, for requests that get a warning."""

from collections.abc import Iterator

from api.model_url_paths import JsonObject
from bundle import Manifest


def unfamiliar_rows(manifest: Manifest) -> Iterator[tuple[str, JsonObject]]:
    """Yields at most one row, with the name of its field; none where the fields allow no such number."""
    compared = {field.not_less_than for field in manifest.fields}
    for field in manifest.fields:
        seen = manifest.reference.fields.get(field.name) if manifest.reference else None
        if not (seen and seen.edges and field.is_number) or field.not_less_than or field.name in compared:
            continue
        number = float(int(seen.edges[-1]) + 2)
        if number <= field.highest:
            yield field.name, manifest.golden[0].instance | {field.name: _sent(number, field.from_text)}
            return


def _sent(number: float, from_text: object) -> str | float:
    return f"{number:g}" if from_text else number
