"""Report of `python -m stacks.costs`, as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from stacks.costs.assumptions import BILLED_BY_DURATION, HOSTINGS
from stacks.costs.charges import HOURS_PER_MONTH
from stacks.costs.cost_settings import CostSettings
from stacks.costs.monthly_costs import MonthlyCosts
from stacks.costs.price_table import PriceTable
from stacks.settings.retraining.parsers import OFF

REQUEST_RATES = (0, 1, 10, 100)
NOT_INCLUDED = (
    "free tiers",
    "discounts",
    "taxes",
    "support",
    "cold starts and restores of snapshots",
    "deployments",
    "requests to S3",
    "log queries",
    "lower prices of higher tiers",
)


@dataclass(frozen=True, kw_only=True)
class CostReport:
    """Report on the costs of settings at the prices of a table."""

    settings: CostSettings
    table: PriceTable
    monthly: MonthlyCosts

    @property
    def rates(self) -> list[int]:
        """Requests a second: no requests, some round rates, and the most that the settings admit."""
        return sorted({*REQUEST_RATES, self.settings.rate_limit})

    def document(self) -> dict[str, Any]:
        """Returns the report for JSON: lists in the order of requests_per_second, dollars a month."""
        return {
            "date": self.table.date.isoformat(),
            "region": self.table.region,
            "currency": self.table.currency,
            "hours_per_month": HOURS_PER_MONTH,
            "in_force": {"hosting": self.settings.hosting, "instance_type": self.settings.instance_type},
            "requests_per_second": self.rates,
            "hostings": {hosting: self._hosting(hosting) for hosting in HOSTINGS},
            "break_even": {hosting: self._break_even(hosting) for hosting in BILLED_BY_DURATION},
            "shortages": {str(rate): found for rate in self.rates if (found := self.monthly.shortages(rate))},
            "retraining": self._retraining_document(),
            "assumptions": msgspec.to_builtins(self.table.assumptions),
            "not_included": list(NOT_INCLUDED),
            "sources": {name: source.url for name, source in self.table.sources.items()},
        }

    def text(self) -> str:
        """Returns the report as text, with the components of the configured hosting only."""
        configured = self.settings.hosting
        parts = [
            [f"Dollars a month in {self.table.region}, at the prices of {self.table.date}:"],
            aligned([self._heading("hosting"), *(self._row(hosting) for hosting in HOSTINGS)]),
            [f"* configured: {self._configured()}"],
            [self._sentence(hosting) for hosting in BILLED_BY_DURATION],
            list(self._shortages()),
            list(self._retraining()),
            [f"Components of {configured}:"],
            aligned([self._heading("component"), *self._components(configured)]),
            [f"Assumptions, with {HOURS_PER_MONTH} hours a month:"],
            aligned(list(_leaves(msgspec.to_builtins(self.table.assumptions)))),
            [f"Not included: {', '.join(NOT_INCLUDED)}."],
        ]
        return "\n\n".join("\n".join(part) for part in parts if part)

    def _hosting(self, hosting: str) -> dict[str, Any]:
        by_rate = [self.monthly.components(hosting, rate) for rate in self.rates]
        found: dict[str, Any] = {
            "total": [sum(components.values()) for components in by_rate],
            "components": {name: [components[name] for components in by_rate] for name in by_rate[0]},
        }
        if hosting == "realtime":
            found["instances"] = [self.monthly.instances(rate) for rate in self.rates]
        return found

    def _break_even(self, hosting: str) -> dict[str, Any] | None:
        found = self.monthly.break_even(hosting)
        return None if found is None else asdict(found)

    def _heading(self, first: str) -> list[str]:
        return [first, *(f"{rate:,}/s" if rate else "idle" for rate in self.rates)]

    def _row(self, hosting: str) -> list[str]:
        mark = " *" if hosting == self.settings.hosting else ""
        return [hosting + mark, *(_money(self.monthly.total(hosting, rate)) for rate in self.rates)]

    def _components(self, hosting: str) -> Iterator[list[str]]:
        for name, dollars in self._hosting(hosting)["components"].items():
            yield [name, *(_money(amount) for amount in dollars)]

    def _configured(self) -> str:
        if self.settings.hosting == "realtime":
            return f"realtime, {self.settings.instance_count} x {self.settings.instance_type}"
        return f"{self.settings.hosting}, {self.monthly.memory_mb:g} MB"

    def _sentence(self, hosting: str) -> str:
        found = self.monthly.break_even(hosting)
        if found is None:
            return f"realtime is never cheaper than {hosting}."
        machines = f"{found.instances} x {self.settings.instance_type}"
        rate = f"{found.requests_per_second:,.1f} requests a second"
        return f"realtime, {machines}, is cheaper than {hosting} from {rate} on."

    def _retraining_document(self) -> dict[str, Any] | None:
        if self.settings.retrain == OFF:
            return None
        found = self.monthly.retraining
        return {"run": dict(found.run), "runs_per_month": found.runs_per_month, "month": found.month}

    def _retraining(self) -> Iterator[str]:
        if self.settings.retrain == OFF:
            return
        found = self.monthly.retraining
        listed = ", ".join(f"{name} {dollars:.4f}" for name, dollars in found.run.items())
        yield (
            f"One retraining costs about {sum(found.run.values()):.3f} dollars ({listed}); with "
            f"{found.runs_per_month:,.4g} a month and the training image, {found.month:.2f} dollars a month."
        )

    def _shortages(self) -> Iterator[str]:
        for rate in self.rates:
            for shortage in self.monthly.shortages(rate):
                yield f"At {rate} requests a second {shortage}."


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Returns the rows as lines of aligned columns: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join([first.ljust(widths[0]), *map(str.rjust, figures, widths[1:])]) for first, *figures in rows
    ]


def _money(dollars: float) -> str:
    return f"{dollars:,.2f}"


def _leaves(tree: Mapping[str, Any], *path: str) -> Iterator[list[str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, *path, name)
        else:
            yield [".".join([*path, name]), f"{value:,.10g}"]
