"""Reader of a window: the captured calls of a range of time, or the newest rows."""

import datetime

from bundle import Manifest
from monitoring.captures.capture_record import parse_record
from monitoring.captures.capture_store import HOUR_FORMAT, CaptureObject, CaptureStore
from monitoring.captures.capture_window import CaptureWindow, WindowCollector

# A figure of so many rows is as certain as one of more: days differ by more than their rows.
MOST_WINDOW_ROWS = 20_000
# An object is a request to S3 of about 20 ms: with more, they are a sample of the range of time.
MOST_OBJECTS = 5_000


def read_window(
    store: CaptureStore,
    manifest: Manifest,
    *,
    start: datetime.datetime | None = None,
    end: datetime.datetime | None = None,
    newest: int | None = None,
    most_rows: int = MOST_WINDOW_ROWS,
) -> CaptureWindow:
    """Reads the captured calls of a range of time.

    Args:
        store: Place of the captured data.
        manifest: Manifest of the model that answered.
        start: First moment of the range, with a time zone; None for an open range.
        end: Moment after the range; None for an open range.
        newest: Number of rows of the window, from the newest call backwards; None for all of the range.
        most_rows: The most rows without `newest`; with more, the window is a sample of the calls.

    Raises:
        CapturesError: The captured data cannot be read.
    """
    listed = sorted(
        store.objects(
            first_hour=_hour(start),
            # The window ends before this moment, so it has nothing of an hour that begins then.
            last_hour=_hour(end - datetime.timedelta(microseconds=1)) if end else "",
        ),
        key=_time_of,
        reverse=True,
    )
    if newest is None and len(listed) > MOST_OBJECTS:
        listed = [listed[place * len(listed) // MOST_OBJECTS] for place in range(MOST_OBJECTS)]
    collector = WindowCollector(manifest, most_rows=newest or most_rows, keeps_newest=newest is not None)
    for found in listed:
        if newest is not None and collector.size >= newest:
            break
        _read_object(store, found, collector, start, end)
    return collector.window()


def _read_object(
    store: CaptureStore,
    found: CaptureObject,
    collector: WindowCollector,
    start: datetime.datetime | None,
    end: datetime.datetime | None,
) -> None:
    for line in store.lines(found.key):
        if not line.strip():
            continue
        try:
            record = parse_record(line)
        except ValueError:
            collector.add_unreadable()
            continue
        if (start is None or record.time >= start) and (end is None or record.time < end):
            collector.add(record)


def _time_of(found: CaptureObject) -> tuple[str, str]:
    # SageMaker begins the name of an object with minute and second of its first call.
    return found.hour, found.key.rpartition("/")[2]


def _hour(time: datetime.datetime | None) -> str:
    return time.astimezone(datetime.UTC).strftime(HOUR_FORMAT) if time else ""
