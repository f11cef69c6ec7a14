"""Reads a user's file of hourly weather: `--weather FILE`."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from bundle import Field
from training.data.data_options import DataOptions
from training.data.file_format import read_format
from training.errors import TrainingError
from training.flights.cleaning import ABSENT_TEXTS
from training.flights.request_fields import FIELDS, WEATHER
from training.flights.sources.source import DATA_SUFFIXES, FILE_SOURCES, SourceFile, find_files
from training.flights.sources.unpacking import PACKED_CSV, unpacked
from training.flights.weather.airports import local_times

AIRPORT, LOCAL_TIME, UTC_TIME = "airport", "local_time", "utc_time"
TIMES = (LOCAL_TIME, UTC_TIME)
REQUIRED_WEATHER = "temperature"
WEATHER_SOURCES = ("iem", *FILE_SOURCES)
# Shares of the rows that may be unreadable, and of the values that may be outside the field's range.
MOST_UNREADABLE_ROWS, MOST_OUTSIDE = 0.1, 0.01
_ABSENT = (*ABSENT_TEXTS, "M")
_CODE = r"[A-Z]{3}"
_ZONED = r"(?:Z|[+-]\d\d:?\d\d)$"
_KNOWN = (AIRPORT, *TIMES, *WEATHER)


def read_weather_file(options: DataOptions) -> tuple[pd.Series, pd.DataFrame, str]:
    """Reads the files that the option `--weather` names.

    Returns:
        The local time of each row; IATA code as `origin` and the fields of weather as floats; the name of
        the files. Rows without a readable airport and time are left out.

    Raises:
        TrainingError: When a file has other columns than documented, or values in another unit.
    """
    files = find_files(
        replace(options, source=options.weather), DATA_SUFFIXES, PACKED_CSV, WEATHER_SOURCES, "weather"
    )
    found = [_read(file, options) for file in files]
    times = pd.concat([local for local, _ in found], ignore_index=True)
    rows = pd.concat([weather for _, weather in found], ignore_index=True)
    name = files[0].path.name if len(files) == 1 else options.weather
    return times, rows, name


def _read(file: SourceFile, options: DataOptions) -> tuple[pd.Series, pd.DataFrame]:
    if not file.is_packed:
        return _usable(_texts(file.path, file.name), file.name, options)
    with unpacked(file.path, file.member, options.cache, "weather.csv") as plain:
        return _usable(_texts(plain, file.name), file.name, options)


def _texts(path: Path, name: str) -> pd.DataFrame:
    form = read_format(path, name, lambda header: sum(column in _KNOWN for column in map(_plain, header)))
    time = _check_header(form.header, name)
    names = {column: _plain(column) for column in form.header}
    wanted = [column for column, plain in names.items() if plain in (AIRPORT, time, *WEATHER)]
    if path.suffix.lower() == ".parquet":
        rows = pd.read_parquet(path, columns=wanted).astype(object).map(str)
    else:
        rows = pd.read_csv(
            path,
            sep=form.delimiter,
            encoding="utf-8-sig" if form.encoding == "utf-8" else form.encoding,
            skiprows=form.lines_before,
            usecols=wanted,
            dtype=str,
            keep_default_na=False,
        )
    return rows.rename(columns=names).apply(lambda column: column.str.strip())


def _plain(column: str) -> str:
    return column.strip().casefold()


def _check_header(header: Sequence[str], name: str) -> str:
    """Returns the column of the time.

    Raises:
        TrainingError: When a column is missing, misspelt or given twice.
    """
    found = [_plain(column) for column in header]
    times = [column for column in TIMES if column in found]
    wanted = f"write the columns {AIRPORT}, {LOCAL_TIME} or {UTC_TIME}, and {', '.join(WEATHER)}"
    absent = [column for column in _KNOWN if column not in found]
    for column in found:
        if column not in _KNOWN and (close := get_close_matches(column, absent, n=1, cutoff=0.7)):
            raise TrainingError(f"{name} has a column {column}, did you mean {close[0]}: {wanted}.")
    missing = [column for column in (AIRPORT, REQUIRED_WEATHER) if column not in found]
    missing += [] if times else [f"{LOCAL_TIME} or {UTC_TIME}"]
    if missing:
        raise TrainingError(
            f"{name} has no column {missing[0]}: {wanted}; only {REQUIRED_WEATHER} is required of them."
        )
    twice = [column for column in _KNOWN if found.count(column) > 1]
    if twice or len(times) > 1:
        both = f"the column {twice[0]} twice" if twice else f"both {LOCAL_TIME} and {UTC_TIME}"
        raise TrainingError(f"{name} has {both}: leave one of them out.")
    return times[0]


def _usable(texts: pd.DataFrame, name: str, options: DataOptions) -> tuple[pd.Series, pd.DataFrame]:
    column = LOCAL_TIME if LOCAL_TIME in texts else UTC_TIME
    _check_share(texts[AIRPORT], ~texts[AIRPORT].str.fullmatch(_CODE), name, "IATA codes such as JFK")
    times = _times(texts[column], name)
    if column == UTC_TIME:
        times = local_times(times, texts[AIRPORT])
        unknown = texts[AIRPORT][times.isna()].unique()[:5]
        if len(unknown):
            options.progress.step(f"{name}: no time zone is known for {', '.join(sorted(unknown))}")
    rows = pd.DataFrame({"origin": texts[AIRPORT]})
    for field in FIELDS:
        if field.name in WEATHER and field.name in texts:
            rows[field.name] = _numbers(texts[field.name], field, name)
    usable = times.notna()
    return times[usable].reset_index(drop=True), rows[usable].reset_index(drop=True)


def _times(texts: pd.Series, name: str) -> pd.Series:
    is_zoned = texts.str.contains(_ZONED)
    if texts.name == LOCAL_TIME and is_zoned.any():
        raise TrainingError(
            f"{name} has times with a zone in the column {LOCAL_TIME}, such as {texts[is_zoned].iloc[0]!r}: "
            f"name the column {UTC_TIME}, or write local times without a zone."
        )
    times = pd.to_datetime(texts, errors="coerce", format="ISO8601", utc=True).dt.tz_localize(None)
    _check_share(texts, times.isna(), name, "times such as 2018-01-31 17:00")
    return times.astype("datetime64[ns]")


def _numbers(texts: pd.Series, field: Field, name: str) -> pd.Series:
    values = pd.to_numeric(texts, errors="coerce")
    _check_share(texts, values.isna() & ~texts.str.upper().isin(_ABSENT), name, "numbers such as 12 or 12.5")
    known = values.dropna()
    outside = known[~known.between(field.minimum, field.maximum)]
    if len(outside) > MOST_OUTSIDE * len(known) and len(outside) > 1:
        raise TrainingError(
            f"{name} has {len(outside):,} of {len(known):,} values of {field.name} outside "
            f"{field.minimum:g} to {field.maximum:g} {field.unit}, such as {outside.iloc[0]:g}: convert the "
            f"column to {field.unit}."
        )
    if field.unit == "percent" and len(known) > 1 and known.max() <= 1:
        raise TrainingError(
            f"{name} has no value of {field.name} above 1, which looks like shares: convert the column to "
            "percent, 0 to 100."
        )
    return values


def _check_share(texts: pd.Series, wrong: pd.Series, name: str, wanted: str) -> None:
    if wrong.sum() > MOST_UNREADABLE_ROWS * len(texts):
        raise TrainingError(
            f"{name} has {wrong.sum():,} of {len(texts):,} rows that cannot be read in column {texts.name}, "
            f"such as {texts[wrong].iloc[0]!r}: write {wanted}."
        )
