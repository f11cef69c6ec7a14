"""Share of the flights that have weather, and why others have none."""

import numpy as np
import pandas as pd

from training.data.dataset import Dataset
from training.errors import TrainingError
from training.flights.request_fields import WEATHER
from training.progress import Progress

# Airports that a message names.
_SHOWN = 5


def check_weather(data: Dataset, name: str, progress: Progress) -> None:
    """Shows the share of the flights without weather, and the airports without any.

    Raises:
        TrainingError: When no flight has weather.
    """
    known = np.zeros(len(data), dtype=np.bool_)
    for field in WEATHER:
        if field in data.columns:
            known |= ~np.isnan(np.asarray(data.columns[field]))
    origins = data.columns["origin"]
    flights = pd.Series(known).groupby(np.asarray(origins), sort=True).agg(["any", "size"])
    if not known.any():
        start, end = data.period
        raise TrainingError(
            f"{name} has no weather for any of the {len(data):,} flights of {data.name} ({start} to {end}, "
            f"from {_listed(flights)}): give the weather of these days and airports, or leave --weather out."
        )
    without = flights[~flights["any"]]
    text = f"{(~known).sum():,} of {len(data):,} flights ({(~known).mean():.1%}) have no weather"
    if len(without):
        text += f"; none is known of {_listed(without)} ({without['size'].sum():,} flights)"
    progress.step(text)


def _listed(flights: pd.DataFrame) -> str:
    codes = [str(code) for code in flights.sort_values("size", ascending=False, kind="stable").index]
    more = f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else ""
    return f"{', '.join(codes[:_SHOWN])}{more}"
