"""Card of a model, from its manifest: its answer, quality, data, fields and limits."""

from collections.abc import Iterable, Iterator, Sequence

from api.model_url_paths import ApiModel
from api.page.model_form import field_hint, task_sentence
from api.web.web_page import escaped
from bundle import MAX_BODY_BYTES, MAX_ROWS, Manifest


def card_sections(model: ApiModel, *, report_is_absent: str) -> str:
    """Returns the sections of the card as HTML.

    Args:
        model: The model.
        report_is_absent: Why there is no report of the training, as a sentence.
    """
    manifest = model.manifest
    return "\n".join(
        [
            _section("Model", _definitions(_identity(model))),
            _section("Quality", f"<p>Measured on: {escaped(manifest.metrics.split)}</p>", _metrics(manifest)),
            _section("Data", _definitions(_data(manifest))),
            _section("Fields", _fields(manifest)),
            _section("Limits", _bullets(_limits(manifest))),
            _section("Report of the training", f"<p>{escaped(report_is_absent)}</p>"),
        ]
    )


def _identity(model: ApiModel) -> Iterator[tuple[str, str]]:
    manifest = model.manifest
    yield "Name", manifest.name
    yield "Version", manifest.version
    yield "Answer", task_sentence(manifest)
    if manifest.labels:
        yield "Labels", ", ".join(manifest.labels)
    if manifest.threshold is not None:
        yield "Threshold", f"“{manifest.positive_label}” from a probability of {manifest.threshold:g} on"
    if manifest.interval:
        yield (
            "Interval",
            f"contains {manifest.interval.level:.0%} of the true values of rows like the test rows",
        )
    yield "Asked at", f"POST {model.path}"
    yield (
        "Made with",
        ", ".join(f"{name} {version}" for name, version in manifest.libraries.items()) or "unknown",
    )


def _data(manifest: Manifest) -> Iterator[tuple[str, str]]:
    data = manifest.data
    yield "Source", data.name
    yield "Rows", f"{data.rows:,}"
    if data.start:
        yield "Days", f"{data.start} to {data.end}"


def _metrics(manifest: Manifest) -> str:
    if not manifest.metrics.values:
        return "<p>The bundle has no figures.</p>"
    rows = ((name, f"{value:.4g}") for name, value in manifest.metrics.values.items())
    return _table(("metric", "value"), rows)


def _fields(manifest: Manifest) -> str:
    rows = (
        (field.name, field.type, "yes" if field.required else "no", field.unit, field_hint(field))
        for field in manifest.fields
    )
    return _table(("field", "type", "required", "unit", "meaning"), rows)


def _limits(manifest: Manifest) -> Iterator[str]:
    yield f"A request has at most {MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes."
    yield "A row that breaks a rule of a field is refused; it is never corrected in silence."
    if manifest.data.start:
        yield f"Its rows end on {manifest.data.end}: what has changed since, the model has not seen."
    if manifest.reference:
        yield "A row unlike those of the training gets a warning beside its prediction."
    yield "The figures hold for rows like those they were measured on, and for no others."


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escaped(title)}</h2>{''.join(parts)}</section>"


def _definitions(pairs: Iterable[tuple[str, str]]) -> str:
    return (
        f"<dl>{''.join(f'<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>' for name, value in pairs)}</dl>"
    )


def _bullets(sentences: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escaped(sentence)}</li>' for sentence in sentences)}</ul>"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escaped(heading)}</th>' for heading in headings)
    body = "".join(
        f'<tr><th scope="row">{escaped(first)}</th>'
        f"{''.join(f'<td>{escaped(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    # A region that scrolls has to be reached with the keyboard.
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Each {escaped(headings[0])}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
