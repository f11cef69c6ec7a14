"""Bundle with many columns for tests: a graph of a few operators, without training."""

from pathlib import Path

from bundle import Field, Golden
from tests.tiny_bundle import write_tiny_bundle


def write_wide_bundle(path: Path, *, columns: int, name: str = "wide") -> Path:
    """Writes a bundle of a model with so many required numbers, and returns its path.

    The graph is that of the tiny bundle, so a row whose first column is 0 has a probability of one half.
    """
    fields = tuple(
        Field(
            name=f"column_{number}",
            type="number",
            minimum=0,
            maximum=1_000_000,
            description=f"Measurement {number} of the machine, averaged over the last minute.",
            unit="mm",
            example=number,
        )
        for number in range(columns)
    )
    row = {field.name: float(number) for number, field in enumerate(fields)}
    golden = (Golden(instance=row, prediction={"label": "yes", "probability": 0.5}),)
    write_tiny_bundle(path, name=name, fields=fields, golden=golden)
    return path
