"""The parts of the page that say what the model comes from and what it is for."""

from training.model_card import ModelCard
from training.report.elements import Markup, bullets, definitions, element, joined, table
from training.report.subject import Subject


def data(subject: Subject) -> Markup:
    """Where the rows came from, and which were left out."""
    report = subject.report
    start, end = report.period
    pairs: list[tuple[str, object]] = [
        ("source", report.data),
        ("rows used", f"{report.train_rows + report.test_rows:,}"),
        *([("days", f"{start} to {end}")] if start else []),
        ("learned from", f"{report.train_rows:,} rows{subject.period_of(subject.split.train)}"),
        ("tested on", f"{report.test_rows:,} rows{subject.period_of(subject.split.test)}"),
        ("how divided", f"{subject.split.description}, never learned from."),
    ]
    dropped = table(
        ["left out", "rows"], ((reason, f"{count:,}") for reason, count in report.dropped.items())
    )
    return joined((definitions(pairs), dropped if report.dropped else ""))


def fields(subject: Subject) -> Markup:
    """What a request says, and how often the rows said it."""
    rows = (
        (
            element("code", field.name),
            field.type + ("" if field.required else ", optional"),
            field.unit,
            field.description,
            f"{share:.1%}",
        )
        for field, share in subject.known_shares()
    )
    return table(("field", "type", "unit", "meaning", "known in"), rows, numbers_from=4)


def card(told: ModelCard) -> Markup:
    """What the model is for, what not, and what is not known of it."""
    parts = (
        ("Meant for", told.use),
        ("Not meant for", told.not_for),
        ("Limits", told.limits),
        ("What the evaluation did not try", told.gaps),
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


def making(subject: Subject) -> Markup:
    """With what it was made, so that it can be made again."""
    manifest, report = subject.manifest, subject.report
    pairs: list[tuple[str, object]] = [
        ("bundle", f"{report.bytes / 1024:,.0f} KiB"),
        ("version", element("code", manifest.version)),
        ("graph", element("code", f"sha256 {manifest.model_sha256}")),
        (
            "parity",
            f"The graph's answers are within {report.difference:.1e} of the scikit-learn pipeline's.",
        ),
        ("seed", subject.seed),
        ("made with", ", ".join(f"{name} {version}" for name, version in manifest.libraries.items())),
    ]
    if report.parameters:
        chosen = ", ".join(f"{name} = {value}" for name, value in report.parameters.items())
        pairs.insert(1, ("chosen by tuning or by hand", chosen))
    return definitions(pairs)
