"""Scaling activity: one change of the capacity of a scalable target.

https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-query-history.html
"""

import uuid
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class ScalingActivity:
    """A scaling activity.

    Attributes:
        before: The capacity before.
        after: The capacity that it sets.
        cause: What caused it, in Application Auto Scaling's words.
        started: Its start, in seconds of AWS.
        ended: Its end, None while it is in progress.
        id: ActivityId.
    """

    before: int
    after: int
    cause: str
    started: float
    ended: float | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __str__(self) -> str:
        return f"Setting desired instance count to {self.after}. Cause: {self.cause}"

    @property
    def is_scale_out(self) -> bool:
        """True for an activity that adds capacity."""
        return self.after > self.before

    def cools_down(self, now: float, *, cooldown: float) -> bool:
        """Returns true until the cooldown period after the end of the activity has passed."""
        return self.ended is None or now < self.ended + cooldown
