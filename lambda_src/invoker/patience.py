"""How long to wait for AWS, and how often to ask."""

from botocore.config import Config

# Two attempts take 9 seconds at worst, which the function's own timeout of 12 leaves room for.
PROMPT = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
# A host that starts when it is asked is waited for until the deadline of the request, which is earlier: the
# second attempt is for a connection that was closed since it was used. It may host several models, and they
# are asked for their health at once, each on a connection.
PATIENT = Config(
    connect_timeout=1,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=50,
)
