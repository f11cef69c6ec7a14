"""What every room's tests share."""

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

# A machine that is busy with the other workers is slow, and that is no failure of what is tested.
settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=DirectoryBasedExampleDatabase("build/.hypothesis"),
)
settings.load_profile("suite")
