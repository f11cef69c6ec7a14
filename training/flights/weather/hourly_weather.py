"""Files of hourly weather in the layout that the join reads."""

from pathlib import Path

import pandas as pd

from training.flights.weather.hourly_join import HOUR_COLUMNS, WEATHER_COLUMNS


def write_hours(local: pd.Series, weather: pd.DataFrame, path: Path) -> Path:
    """Writes hourly weather in the layout of `hourly_join`.

    Args:
        local: Local time of each row, without a zone.
        weather: IATA code as `origin`, and the fields of weather that are known.
        path: File to write.
    """
    parts = {name: getattr(local.dt, name) for name in HOUR_COLUMNS[1:]}
    values = {column: weather.get(name) for name, column in WEATHER_COLUMNS.items()}
    table = pd.DataFrame({"origin": weather["origin"], **parts, **values}, index=local.index)
    # Six decimals are those of the cleaning's numbers.
    table.to_csv(path, index=False, float_format="%.6f", lineterminator="\n")
    return path
