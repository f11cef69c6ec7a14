"""Tables of the pages, made from the code that owns their facts."""

import dataclasses
import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from api.error_table import ERRORS
from bundle import WARNINGS
from docs.architecture_diagram import diagram, inner_rows
from stacks.costs.monthly_costs import MonthlyCosts
from stacks.costs.price_table import DEFAULT_TABLE, load_prices
from stacks.costs.report import REQUEST_RATES
from stacks.settings.parsers import PARSERS
from stacks.settings.settings import Settings
from training.flights.request_fields import FIELDS, WEATHER
from training.flights.weather.weather_file import AIRPORT, LOCAL_TIME, REQUIRED_WEATHER, UTC_TIME
from training.judging.judge_settings import JudgeSettings
from training.model_catalog import load_model

ROOT = Path(__file__).resolve().parents[1]

_HOSTINGS = ("realtime", "serverless", "lambda")
# Columns of the benchmark's table; the ratio and the p99 are shown for one of them.
_CONNECTIONS = (1, 16, 64)
_SHOWN = 2
_OURS = "this project"


def fields() -> str:
    """Table of the request fields of the default model, which has learned from the sample."""
    model = load_model(_default_model()).of_fields(())
    rows = (
        (f"`{field.name}`", field.type, "yes" if field.required else "no", field.unit, field.description)
        for field in model.fields
    )
    return _table(("field", "type", "required", "unit", "meaning"), rows)


def weather_columns() -> str:
    """Table of the columns of a file of weather."""
    rows = [
        (f"`{AIRPORT}`", "yes", "IATA code of the airport, such as JFK"),
        (f"`{LOCAL_TIME}` or `{UTC_TIME}`", "yes", "such as 2018-01-31 17:00, at the airport or in UTC"),
    ]
    for field in FIELDS:
        if field.name in WEATHER:
            meaning = f"{field.unit}, {field.minimum:g} to {field.maximum:g}"
            rows.append((f"`{field.name}`", "yes" if field.name == REQUIRED_WEATHER else "no", meaning))
    return _table(("column", "required", "value"), rows)


def costs() -> str:
    """Table of the dollars a month of each hosting, with the defaults of stage dev."""
    settings = Settings.from_context({"model": _default_model()})
    monthly = MonthlyCosts(settings, load_prices(DEFAULT_TABLE))
    rows = (
        (f"`{hosting}`", *(f"{monthly.total(hosting, rate):,.2f}" for rate in REQUEST_RATES))
        for hosting in _HOSTINGS
    )
    rates = (f"{rate} a second" if rate else "idle, no requests" for rate in REQUEST_RATES)
    return _table(("hosting", *rates), rows, numbers_from=1)


def errors() -> str:
    """Table of the statuses other than success."""
    rows = (
        (
            str(error.status),
            error.title,
            (f"`auth={error.auth}`: " if error.auth else "") + error.when,
            "yes" if error.retry_after else "",
        )
        for error in ERRORS
    )
    return _table(("status", "title", "cause", "Retry-After"), rows)


def warnings() -> str:
    """Returns the kinds of warnings."""
    return _table(["kind", "cause"], [[f"`{kind}`", cause] for kind, cause in WARNINGS.items()])


def settings() -> str:
    """Table of the stack's settings, with their defaults by stage."""
    meanings = _attributes(Settings)
    rows = (
        (f"`{name}`", _default(name, "dev"), _default(name, "prod"), meanings[name], _allowed(name))
        for name in (field.name for field in dataclasses.fields(Settings))
    )
    return _table(("setting", "dev", "prod", "meaning", "allowed values"), rows)


def verbs() -> str:
    """Table of the Makefile's verbs, from their own help texts."""
    found = re.findall(
        r"^([a-z-]+):(?!=)[^\n]*?## (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    return _table(("command", "what it does"), ((f"`make {verb}`", help_text) for verb, help_text in found))


def speed() -> str:
    """Table of the throughput of this project and of other servers, from the last kept benchmark."""
    text = (ROOT / "benchmarks" / "results" / "serving.md").read_text(encoding="utf-8")
    measured, ratios = (
        _rows_by_name(block)
        for block in re.findall(r"^\| connections \|.*\n\|.*\n((?:^\|.*\n)+)", text, re.MULTILINE)
    )
    servers = [name for name in measured if name == _OURS or (name in ratios and _OURS not in name)]
    rows = (
        (
            name,
            *(_median(cell) for cell in measured[name][1:4]),
            _median(ratios[name][_SHOWN + 1]) if name in ratios else "1",
            measured[name][5].split(" / ")[_SHOWN],
        )
        for name in servers
    )
    heading = (
        "server, on one core",
        *(f"requests/s, connections: {connections}" for connections in _CONNECTIONS),
        f"throughput of this project / of this server, connections: {_CONNECTIONS[_SHOWN]}",
        f"p99 ms, connections: {_CONNECTIONS[_SHOWN]}",
    )
    return _table(heading, rows, numbers_from=1)


def steps() -> str:
    """Table of the steps of a request, from the last kept measurement."""
    text = (ROOT / "benchmarks" / "results" / "steps.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^\| step \|.*\n\|.*\n((?:^\|.*\n)+)", text, re.MULTILINE)
    rows = ((name, microseconds, limit) for name, microseconds, _, _, limit in _rows_by_name(block).values())
    return _table(("step", "µs", "limit"), rows)


def local_request_path() -> str:
    """Table of the last kept run of requests during an update, as its benchmark has written it."""
    text = (ROOT / "benchmarks" / "results" / "local_request_path.md").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if line.startswith("|"))


def judge_rule() -> str:
    """Table of the settings of the judge's rule, with their defaults."""
    meanings = _attributes(JudgeSettings)
    defaults = msgspec.structs.asdict(JudgeSettings())
    rows = ((f"`{name}`", f"{value:g}", meanings[name]) for name, value in defaults.items())
    return _table(("setting", "default", "meaning"), rows)


def inner_rooms() -> str:
    """Table of the imports between the inner rooms of each room."""
    return _table(("inner room", "imports"), inner_rows())


TABLES: Mapping[str, Callable[[], str]] = {
    "costs": costs,
    "errors": errors,
    "warnings": warnings,
    "fields": fields,
    "weather-columns": weather_columns,
    "inner-rooms": inner_rooms,
    "judge-rule": judge_rule,
    "local-request-path": local_request_path,
    "rooms": diagram,
    "settings": settings,
    "speed": speed,
    "steps": steps,
    "verbs": verbs,
}


def _default_model() -> str:
    return str(json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["model"])


def _attributes(owner: type) -> dict[str, str]:
    """Reads the docstring of a class, which has one entry an attribute."""
    attributes = inspect.cleandoc(owner.__doc__ or "").partition("Attributes:\n")[2]
    entries = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", text) for name, text in entries}


def _default(name: str, stage: str) -> str:
    if name == "bundle":
        return "`build/<model>/model.tar.gz`"
    values = {
        hosting: getattr(
            Settings.from_context({"model": _default_model(), "stage": stage, "hosting": hosting}), name
        )
        for hosting in _HOSTINGS
    }
    if name == "hosting" or len(set(values.values())) == 1:
        return _shown(values["realtime"])
    by_value: dict[Any, list[str]] = {}
    for hosting, value in values.items():
        if value:
            by_value.setdefault(value, []).append(hosting)
    return "; ".join(f"{_shown(value)} ({', '.join(names)})" for value, names in by_value.items())


def _shown(value: Any) -> str:
    if value is None or value == ():
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _allowed(name: str) -> str:
    try:
        PARSERS[name]("")
    except ValueError as refusal:
        return str(refusal)
    raise AssertionError(f"The setting {name} accepts an empty text.")


def _rows_by_name(block: str) -> dict[str, list[str]]:
    rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines())
    return {row[0]: row for row in rows}


def _median(cell: str) -> str:
    """A cell says the median, then the range in brackets."""
    return cell.partition(" ")[0]


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]], *, numbers_from: int | None = None) -> str:
    numeric = len(heading) if numbers_from is None else numbers_from
    rule = ["---:" if column >= numeric else "---" for column in range(len(heading))]
    cells = ([_escaped(cell) for cell in row] for row in rows)
    return "".join(f"| {' | '.join(row)} |\n" for row in (heading, rule, *cells))


def _escaped(cell: str) -> str:
    """Escapes what Markdown would read as markup, except inside code spans."""
    parts = cell.split("`")
    parts[::2] = [re.sub(r"[|*]", r"\\\g<0>", part).replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)
