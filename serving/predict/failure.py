"""What a client is told when a request fails, whatever carried the request here."""

import logging

from serving.predict.model import ModelError
from serving.problem import Problem

logger = logging.getLogger("serving")


def problem_of(error: Exception) -> Problem:
    """The problem a client gets for what answering its request raised.

    What is not the client's mistake is told to the log, and to the client only that it happened.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, ModelError):
        logger.warning("A request failed: %s", error)
    else:
        logger.error("A request failed", exc_info=error)
    return Problem(500, "The model failed on this request; its log says why.")
