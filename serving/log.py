"""Structured log: one JSON object per line on stderr."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

logger = logging.getLogger("serving")

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON: time, level, event, process, then the fields of the event."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line, without its line end."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "process": record.process,
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_event(level: str, event: str, **fields: Any) -> None:
    """Logs an event.

    Args:
        level: debug, info, warning, error or critical.
        event: Name of the event, a constant text.
        **fields: Values that belong to the event, such as the worker or the reason.
    """
    logger.log(_LEVELS[level], event, extra={"fields": fields})


def log_to_stderr() -> None:
    """Sends the log of this process to stderr as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
