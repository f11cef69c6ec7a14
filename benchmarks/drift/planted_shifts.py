"""Shifts that are planted into the columns of flights."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.drift.weekly_windows import Shift

_WEATHER = ("temperature", "wind_speed", "precipitation", "visibility", "humidity", "pressure")


def _each(name: str, step: int, value: Any) -> Shift:
    def shift(columns: dict[str, list[Any]]) -> None:
        for row in range(0, len(columns[name]), step):
            columns[name][row] = value

    return shift


def _mapped(name: str, change: Callable[[float], float]) -> Shift:
    def shift(columns: dict[str, list[Any]]) -> None:
        columns[name] = [None if value is None else change(value) for value in columns[name]]

    return shift


def _without(names: Sequence[str]) -> Shift:
    def shift(columns: dict[str, list[Any]]) -> None:
        for name in names:
            columns[name] = [None] * len(columns[name])

    return shift


def _half_of_one_carrier(columns: dict[str, list[Any]]) -> None:
    rows = [row for row, carrier in enumerate(columns["carrier"]) if carrier == "UA"]
    for row in rows[::2]:
        columns["carrier"][row] = "WN"


PLANTED: Mapping[str, Shift] = {
    "carrier mix: half of United's flights are Southwest's": _half_of_one_carrier,
    "carrier mix: every tenth flight is Frontier's": _each("carrier", 10, "F9"),
    "10 minutes later departures": _mapped("departure_delay", lambda value: value + 10),
    "weather missing": _without(_WEATHER),
    "temperature missing": _without(["temperature"]),
    "a new airport, 2 % of the flights": _each("destination", 50, "XYZ"),
    "a new airport, 0.5 % of the flights": _each("destination", 200, "XYZ"),
    "distance in kilometres": _mapped("distance", lambda value: value * 1.609344),
    "pressure in inches of mercury": _mapped("pressure", lambda value: value * 0.02953),
    "temperature in degrees Celsius": _mapped("temperature", lambda value: (value - 32) / 1.8),
}
