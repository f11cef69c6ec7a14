"""Info of the document: the models, their data and their metrics."""

from collections.abc import Sequence

from api.model_url_paths import JsonObject
from api.routes import join_with_and
from bundle import Manifest


def info(manifests: Sequence[Manifest]) -> JsonObject:
    """Returns the title, version, summary and description of the document."""
    if len(manifests) == 1:
        [manifest] = manifests
        return {
            "title": manifest.name,
            "version": manifest.version,
            "summary": f"Predictions of the model {manifest.name}.",
            "description": _about(manifest),
        }
    names = [manifest.name for manifest in manifests]
    return {
        "title": ", ".join(names),
        "version": ", ".join(manifest.version for manifest in manifests),
        "summary": f"Predictions of the models {join_with_and(names)}.",
        "description": "\n\n".join(f"## {manifest.name}\n\n{_about(manifest)}" for manifest in manifests),
    }


def _about(manifest: Manifest) -> str:
    data = manifest.data
    when = f", {data.start} to {data.end}" if data.start else ""
    figures = "\n".join(f"- {name}: {value:.4g}" for name, value in manifest.metrics.values.items())
    return "\n\n".join(
        [
            _task(manifest),
            f"Trained on {data.name} ({data.rows:,} rows{when}).",
            f"Metrics, measured on: {manifest.metrics.split}",
            *([figures] if figures else []),
        ]
    )


def _task(manifest: Manifest) -> str:
    labels = ", ".join(manifest.labels)
    match manifest.task:
        case "binary":
            return (
                f"One of two labels ({labels}) for each row: {manifest.positive_label} from a probability of "
                f"{manifest.threshold:g}, unless the request sets another threshold."
            )
        case "multiclass":
            return f"One of {len(manifest.labels)} labels for each row: {labels}."
    return "A number for each row."
