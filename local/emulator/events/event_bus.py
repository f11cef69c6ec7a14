"""Default event bus: sends events of AWS services; MiniStack delivers them to the targets of rules."""

import json
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.services import eventbridge

logger = logging.getLogger(__name__)


class EventBus:
    """Sends the events of one service, one after the other, in a thread of its own.

    A target can be a function, whose end no sender waits for.

    Args:
        source: The service, such as aws.sagemaker.
    """

    def __init__(self, *, source: str) -> None:
        self._source = source
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="events")

    def publish(self, detail_type: str, resource: str, detail: Mapping[str, Any]) -> None:
        """Sends an event.

        Args:
            detail_type: Such as SageMaker Endpoint State Change.
            resource: The ARN of the resource.
            detail: The detail, as it is now.
        """
        entry = {
            "Source": self._source,
            "DetailType": detail_type,
            "Resources": [resource],
            "Detail": json.dumps(detail),
        }
        self._thread.submit(_send, entry)


def _send(entry: dict[str, Any]) -> None:
    try:
        # The source of an AWS service is refused to everybody else.
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        logger.exception("The event %s is lost.", entry["DetailType"])
