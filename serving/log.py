"""The log: one JSON object a line on stderr."""

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
    """A record as one line: time, level and event, then whatever else the event has to tell."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
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


def tell(level: str, event: str, **fields: Any) -> None:
    """Logs an event.

    Args:
        level: debug, info, warning, error or critical.
        event: What happened, the same words each time.
        **fields: What it happened to.
    """
    logger.log(_LEVELS[level], event, extra={"fields": fields})


def log_to_stderr() -> None:
    """Sends everything from here on to stderr, as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
