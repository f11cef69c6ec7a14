"""Sections of the report page on provenance: data, fields, model card, training."""

from training.evaluation.manifest_metrics import described_fits
from training.model_card import ModelCard
from training.report.html_elements import Markup, bullets, definitions, element, joined, table
from training.report.page_data import PageData


def data_section(page: PageData) -> Markup:
    """Returns the source of the rows, their split, and the rows left out."""
    report = page.report
    start, end = report.period
    fits = described_fits(report.train_rows, report.refitted_on)
    pairs: list[tuple[str, object]] = [
        ("source", report.data),
        ("rows used", f"{report.train_rows + report.test_rows:,}"),
        *([("days", f"{start} to {end}")] if start else []),
        ("training rows", f"{report.train_rows:,} rows{page.period_of(page.split.train)}"),
        ("test rows", f"{report.test_rows:,} rows{page.period_of(page.split.test)}"),
        ("choice of test rows", f"{page.split.description}, {fits}"),
    ]
    dropped = table(
        ["reason for leaving out", "rows"],
        ((reason, f"{count:,}") for reason, count in report.dropped.items()),
    )
    return joined((definitions(pairs), dropped if report.dropped else ""))


def fields_section(page: PageData) -> Markup:
    """Returns the fields of a request, and the share of rows in which each has a value."""
    rows = (
        (
            element("code", field.name),
            field.type + ("" if field.required else ", optional"),
            field.unit,
            field.description,
            f"{share:.1%}",
        )
        for field, share in page.known_shares()
    )
    return table(("field", "type", "unit", "meaning", "rows with a value"), rows, numbers_from=4)


def card_section(card: ModelCard) -> Markup:
    """Returns the model card: intended use, excluded use, limits and gaps of the evaluation."""
    parts = (
        ("Intended use", card.use),
        ("Not intended for", card.not_for),
        ("Limits", card.limits),
        ("Not covered by the evaluation", card.gaps),
    )
    return element(
        "div",
        *(
            element("section", element("h3", title), bullets(sentences))
            for title, sentences in parts
            if sentences
        ),
        class_="cards",
    )


def training_section(page: PageData) -> Markup:
    """Returns what is needed to train the same bundle again: version, seed, hyperparameters, libraries."""
    manifest, report = page.manifest, page.report
    pairs: list[tuple[str, object]] = [
        ("bundle", f"{report.bytes / 1024:,.0f} KiB"),
        ("version", element("code", manifest.version)),
        ("graph", element("code", f"sha256 {manifest.model_sha256}")),
        (
            "parity",
            f"The graph's predictions are within {report.difference:.1e} of the scikit-learn pipeline's.",
        ),
        ("seed", page.seed),
        ("libraries", ", ".join(f"{name} {version}" for name, version in manifest.libraries.items())),
    ]
    if report.parameters:
        parameters = ", ".join(f"{name} = {value}" for name, value in report.parameters.items())
        pairs.insert(1, ("hyperparameters from tuning or options", parameters))
    return definitions(pairs)
