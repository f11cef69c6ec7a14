"""Platform that the packages of a zip are installed for."""

from typing import NamedTuple


class ZipTarget(NamedTuple):
    """A Python and a platform, as wheels name them.

    Attributes:
        python: Version of Python, such as 3.13.
        platform: Platform, as `uv pip install --python-platform` takes it.
    """

    python: str
    platform: str


# The Python of the container image. Lambda's runtimes from Python 3.12 on have glibc 2.34, of Amazon Linux
# 2023: https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
LAMBDA = ZipTarget(python="3.13", platform="x86_64-manylinux_2_28")
