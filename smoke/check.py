"""One thing that is so, or is not."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from smoke.errors import UnprovenError


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was checked.

    Attributes:
        name: What about.
        passed: Whether it holds.
        found: A sentence about what was found.
    """

    name: str
    passed: bool
    found: str

    def line(self, width: int) -> str:
        """The check as a person reads it, on one line whatever AWS has put into its words.

        Args:
            width: Of the column with the names, in characters.
        """
        return f"{'✓' if self.passed else '✗'} {self.name:<{width}} {' '.join(self.found.split())}"


def attempt(name: str, check: Callable[[], str]) -> Check:
    """Do one check, whatever becomes of it.

    Args:
        name: What it is about.
        check: Returns what it found, or raises UnprovenError with it.
    """
    try:
        return Check(name=name, passed=True, found=check())
    except UnprovenError as error:
        return Check(name=name, passed=False, found=str(error))
    except (BotoCoreError, ClientError) as error:
        return Check(name=name, passed=False, found=f"AWS does not say: {error}")
