"""Speed of time: how many seconds of AWS pass in one second on this machine.

A period, a bake time or a wait of AWS lasts its seconds divided by the speed. Timestamps are those of this
machine's clock, so that they agree with the user's watch and with every other program.
"""

import math
from collections.abc import Mapping

from local.errors import LocalError

SPEED_VARIABLE = "LOCAL_SPEED"
# A canary with two bakes of ten minutes takes 20 s.
DEFAULT_SPEED = 60.0


def speed(environ: Mapping[str, str]) -> float:
    """Returns the speed that the environment sets.

    Raises:
        LocalError: It is not a positive number.
    """
    text = environ.get(SPEED_VARIABLE, str(DEFAULT_SPEED))
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and found > 0):
        raise LocalError(
            f"{SPEED_VARIABLE} is {text!r}, which is not a positive number: give the seconds of AWS that "
            "pass in one second here, such as 60, or 1 for the speed of AWS."
        )
    return found
