"""Weather of the archive for the months and airports of flights: `--weather iem`."""

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from training.data.data_options import DataOptions
from training.flights.sources.months import Month
from training.flights.weather.airports import airports, local_times
from training.flights.weather.hourly_weather import write_hours
from training.flights.weather.iem_archive import MISSING, REPORT_COLUMNS, TRACE, ReportArchive

IEM_NAME = "the Iowa Environmental Mesonet"
MILES_AN_HOUR_A_KNOT = 1.15078
# Inches; a trace is less than can be measured, which is 0.01.
TRACE_INCHES = 0.005

_FIELDS = dict(
    zip(
        REPORT_COLUMNS,
        ("temperature", "wind_speed", "precipitation", "visibility", "humidity", "pressure"),
        strict=True,
    )
)


class IemWeather:
    """The archive's weather at the airports of flights, as hourly files in a folder.

    Args:
        options: Options of the archive.
        folder: Folder of the hourly files.
    """

    name = IEM_NAME

    def __init__(self, options: DataOptions, folder: Path) -> None:
        self._archive = ReportArchive(options)
        self._options, self._folder = options, folder
        self._files = 0

    def hours(self, departures: Callable[[], pd.DataFrame]) -> Path:
        """Returns a file of the weather at the origins of the flights in the months of their days.

        Raises:
            TrainingError: When the archive cannot be reached, or its answer is no table of reports.
        """
        wanted = departures()
        months = pd.to_datetime(wanted["flight_date"]).dt.to_period("M")
        found = [
            hourly(self._reports(Month(month.year, month.month), codes), str(month))
            for month, codes in wanted["origin"].groupby(months, sort=True)
        ]
        self._files += 1
        rows = pd.concat(found, ignore_index=True) if found else hourly(reports_table({}), "1970-01")
        return write_hours(rows["hour"], rows, self._folder / f"hours-{self._files}.csv")

    def _reports(self, month: Month, codes: pd.Series) -> pd.DataFrame:
        known = airports()
        stations = {code: known[code] for code in sorted(set(codes)) if code in known}
        if others := sorted(set(codes) - stations.keys()):
            self._options.progress.step(f"no weather station is known at {', '.join(others[:5])}")
        names = [name for airport in stations.values() for name in airport.stations]
        texts = self._archive.reports(month, names) if names else {}
        return reports_table(
            {
                code: next(filter(_has_rows, map(texts.__getitem__, airport.stations)), "")
                for code, airport in stations.items()
            }
        )


def _has_rows(text: str) -> bool:
    return text.count("\n") > 1


def reports_table(texts: dict[str, str]) -> pd.DataFrame:
    """Returns the reports of airports: `origin`, `utc` without a zone, and the weather as floats.

    Args:
        texts: Reports as CSV by IATA code; "" for none.
    """
    tables = [
        pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False).assign(origin=code)
        for code, text in texts.items()
        if text
    ]
    empty = pd.DataFrame(columns=["origin", "valid", *REPORT_COLUMNS], dtype=str)
    rows = pd.concat([empty, *tables], ignore_index=True)
    reports = pd.DataFrame({"origin": rows["origin"]})
    reports["utc"] = pd.to_datetime(rows["valid"], errors="coerce", format="%Y-%m-%d %H:%M")
    for column, field in _FIELDS.items():
        texts_of = rows[column].replace({TRACE: str(TRACE_INCHES), MISSING: ""})
        reports[field] = pd.to_numeric(texts_of, errors="coerce")
    reports["wind_speed"] *= MILES_AN_HOUR_A_KNOT
    return reports[reports["utc"].notna()]


def hourly(reports: pd.DataFrame, month: str) -> pd.DataFrame:
    """Returns the weather of each hour of a local month: the means of its reports.

    The precipitation of a report is that since the routine report before it, so reports of one hour repeat
    it, and the hour has the largest. The hour that occurs twice when clocks go back is two rows.

    Args:
        reports: Rows of `reports_table`.
        month: The month, such as 2018-01.

    Returns:
        `origin`, `hour` (local time) and the fields of weather.
    """
    local = local_times(reports["utc"], reports["origin"])
    table = reports.assign(hour=local.dt.floor("h"), offset=local - reports["utc"])
    table = table[local.dt.strftime("%Y-%m") == month]
    ways = {field: "max" if field == "precipitation" else "mean" for field in _FIELDS.values()}
    return table.groupby(["origin", "hour", "offset"], as_index=False).agg(ways)
