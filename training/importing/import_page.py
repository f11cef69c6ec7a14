"""HTML page of an imported model: origin, notes, parity, quality, fields."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from bundle import Manifest
from training.evaluation.manifest_metrics import BASELINE
from training.importing.import_report import ImportReport
from training.report.html_elements import Markup, definitions, document, element, joined, table
from training.report.metric_titles import metric_title, sentence_case
from training.report.page import STYLESHEET
from training.report.page_files import write_page_files


def write_import_page(folder: Path, report: ImportReport, manifest: Manifest) -> ImportReport:
    """Writes report.html into a folder; returns the report with its path.

    Raises:
        OSError: When the folder cannot be written to.
    """
    path = write_page_files(folder, _html(report, manifest), {})
    return msgspec.structs.replace(report, page=str(path))


def _html(report: ImportReport, manifest: Manifest) -> str:
    header = element(
        "header",
        element("h1", report.model),
        element(
            "p",
            f"An imported model, made elsewhere: {report.origin}. Version ",
            element("code", report.version),
            f", checked on {report.rows:,} rows.",
            class_="about",
        ),
    )
    return document(
        f"{report.model}: an imported model",
        STYLESHEET.read_text(encoding="utf-8"),
        header,
        *(element("p", note, class_="warning") for note in report.notes),
        *(element("section", element("h2", title), part) for title, part in _sections(report, manifest)),
    )


def _sections(report: ImportReport, manifest: Manifest) -> Iterator[tuple[str, Markup]]:
    yield "Quality", _quality(manifest)
    yield "Fields", _fields(report, manifest)
    pairs = [
        ("origin", report.origin),
        ("answers", " or ".join(report.labels) if report.labels else "a number"),
        ("bundle", f"{report.bytes / 1024:,.0f} KiB"),
        ("graph", element("code", f"sha256 {manifest.model_sha256}")),
        (
            "parity",
            (
                f"The graph's predictions of {report.rows:,} sample rows are within {report.difference:.1e} "
                "of the original's."
            ),
        ),
        ("libraries", ", ".join(f"{name} {version}" for name, version in manifest.libraries.items())),
    ]
    yield "Import", definitions(pairs)


def _quality(manifest: Manifest) -> Markup:
    metrics = manifest.metrics
    if not metrics.values:
        return element("p", "Unknown. ", metrics.split)
    names = [name for name in metrics.values if f"{name}_{BASELINE}" in metrics.values]
    rows = [
        ["The model", *(f"{metrics.values[name]:.3f}" for name in names)],
        ["Mean of these rows", *(f"{metrics.values[f'{name}_{BASELINE}']:.3f}" for name in names)],
    ]
    return joined(
        (
            table(["", *(sentence_case(metric_title(name)) for name in names)], rows),
            element("p", metrics.split, class_="muted"),
        )
    )


def _fields(report: ImportReport, manifest: Manifest) -> Markup:
    reference = manifest.reference
    rows = []
    for field in manifest.fields:
        seen = reference.fields[field.name] if reference else None
        if seen is None:
            values = ""
        elif seen.edges:
            values = f"{seen.edges[0]:g} to {seen.edges[-1]:g}"
        else:
            values = ", ".join([*seen.values][:8]) + (", ..." if len(seen.values) > 8 or seen.others else "")
        rows.append((element("code", field.name), report.fields[field.name], values))
    return table(("field", "type", "values in the sample"), rows, numbers_from=3)
