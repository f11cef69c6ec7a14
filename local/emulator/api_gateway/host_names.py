"""Host names of APIs: a request with AWS's own one reaches the API on this machine.

A function of the stack knows its API by this name, which it sends as the header Host.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
"""

import re

from ministack import app

_AWS = r"[a-z0-9-]+\.amazonaws\.com"


def install() -> None:
    """Adds the name to MiniStack, which knows names below localhost."""
    localhost = re.escape(app._MINISTACK_HOST)
    app._EXECUTE_API_RE = re.compile(rf"^([a-f0-9]{{8}})\.execute-api\.(?:{localhost}|{_AWS})(?::\d+)?$")
