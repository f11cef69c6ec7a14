"""Quantiles of a model's second, numeric target: what a bundle states about `quantiles.onnx`."""

from collections.abc import Iterator, Sequence

import msgspec

from bundle.field import IDENTIFIER

# Output tensor of the graph, of shape (rows, 3): the quantiles in ascending order.
QUANTILES_OUTPUT = "quantiles"
# Members of the quantiles in a prediction, in the order of the graph's columns.
QUANTILE_NAMES = ("low", "median", "high")

# Parameters of requests and members of predictions that every model may have.
_TAKEN = frozenset(
    (
        *("on_error", "probabilities", "threshold", "strict", "reasons"),
        *("label", "probability", "value", "interval", "baseline", "rest", "reasons_error", "warnings"),
        *("errors", "more", "quantiles"),
    )
)


class Quantiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The second target of a model, and the quantiles that its bundle predicts of it.

    Attributes:
        name: Name of the target, of the request's parameter, and of the member of a prediction.
        description: What the target is, as the end of a sentence.
        unit: Unit of the target.
        levels: Probabilities of the three quantiles, in ascending order; the second is the median's, 0.5.
        model_sha256: Digest of `quantiles.onnx`; filled in when the bundle is written.
        metrics: Coverage of the range and mean pinball loss on the test rows, by the names of the metrics.
        golden: The quantiles that each golden row of the manifest must get.
    """

    name: str
    description: str
    unit: str = ""
    levels: tuple[float, float, float]
    model_sha256: str = ""
    metrics: dict[str, float]
    golden: tuple[tuple[float, float, float], ...]

    @property
    def coverage(self) -> float:
        """Share of rows whose value the range is made to contain."""
        return round(self.levels[2] - self.levels[0], 6)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the quantiles in a table."""
        return tuple(f"{self.name}_{quantile}" for quantile in QUANTILE_NAMES)

    def contradictions(self, fields: Sequence[str], golden: int) -> Iterator[str]:
        """Yields what is wrong, as the end of a sentence.

        Args:
            fields: Names of the model's fields.
            golden: Number of golden rows.
        """
        if not IDENTIFIER.fullmatch(self.name) or self.name in _TAKEN:
            yield f"has quantiles of {self.name!r}, which is no free name of lower-case letters and digits"
        if self.name in fields:
            yield f"has quantiles of {self.name!r}, which is one of its fields: a target is no field"
        low, median, high = self.levels
        if not 0 < low < median < high < 1 or median != 0.5:
            yield f"has quantiles of the levels {self.levels}, which do not ascend around 0.5"
        if len(self.golden) != golden or any(tuple(sorted(row)) != row for row in self.golden):
            yield "has golden quantiles that do not ascend, or not one for each golden row"
