"""Table of the versions in a registry, for people and as JSON."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from stacks.commands.models.registered_version import RegisteredVersion

_HEADING = ("", "version", "from", "rows", "days", "figures", "status", "by", "released", "replaced")
_STATUSES = {"Approved": "approved", "Rejected": "rejected", "PendingManualApproval": "waits for approval"}


def version_table(versions: Sequence[RegisteredVersion], *, champion: str) -> str:
    """Returns the table; a star marks the champion, and other figures have their distance from its own.

    Args:
        versions: The versions, in the order of the rows.
        champion: The version that serves.
    """
    best = _figures_of(champion, versions)
    rows = [_HEADING, *(_row(version, champion=champion, best=best) for version in versions)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def version_documents(versions: Sequence[RegisteredVersion], *, champion: str) -> list[dict[str, Any]]:
    """Returns the versions as JSON: all that the registry has about them."""
    best = _figures_of(champion, versions)
    return [
        {
            **dataclasses.asdict(version),
            "version": version.version,
            "serves": version.version == champion,
            "figures": version.figures,
            "figures_of_champion": best,
        }
        for version in versions
    ]


def _figures_of(champion: str, versions: Sequence[RegisteredVersion]) -> Mapping[str, float]:
    return next((version.figures for version in versions if version.version == champion), {})


def _row(version: RegisteredVersion, *, champion: str, best: Mapping[str, float]) -> tuple[str, ...]:
    known = version.properties
    days = (known.get("first_day", ""), known.get("last_day", ""))
    serves = version.version == champion
    figures = [
        f"{name}={value:.4g}" + ("" if serves or name not in best else f" ({value - best[name]:+.2g})")
        for name, value in version.figures.items()
    ]
    return (
        "*" if serves else "",
        version.version or version.arn.rpartition("/")[2],
        known.get("source", "another tool"),
        known.get("rows", ""),
        " to ".join(day for day in days if day),
        ", ".join(figures),
        _STATUSES.get(version.approval, version.approval),
        version.approved_by,
        known.get("released_at", "").removesuffix("Z").replace("T", " "),
        version.replaced,
    )
