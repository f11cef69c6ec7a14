"""Costs of one run that scores files in S3."""

import math
from collections.abc import Iterable, Mapping

from bundle.scored_file_formats import PACKED
from stacks.costs.price_table import PriceTable

_MB = 1 << 20
_MB_PER_GB = 1024
_MILLION = 1_000_000
# Bytes that one request reads while a large object is split.
_SPLIT_BYTES = 8 * _MB
# Started child, choice and call of a small object; a large one has also the split and the map of its ranges.
_SMALL_TRANSITIONS, _LARGE_TRANSITIONS = 3, 4
# The first call, the map of the objects, the last call, and begin and end.
_RUN_TRANSITIONS = 5
# A call that reads at the speed of S3 and only counts line ends.
_SPLIT_SPEEDUP = 20


def scoring_dollars(
    objects: Iterable[tuple[str, int]], *, range_bytes: int, table: PriceTable
) -> Mapping[str, float]:
    """Returns the dollars of a run by component, before the free tier, and without cold starts.

    Args:
        objects: Key and bytes of each object.
        range_bytes: Bytes of a larger object that one call scores.
        table: Prices and assumptions.
    """
    prices, assumed = table.prices, table.assumptions
    calls, transitions, reads, megabytes = 2, _RUN_TRANSITIONS, 2, 0.0
    for key, size in objects:
        megabytes += size / _MB
        if size <= range_bytes:
            calls, transitions, reads = calls + 1, transitions + _SMALL_TRANSITIONS, reads + 1
            continue
        ranges = 1 if key.endswith(PACKED) else math.ceil(size / range_bytes)
        calls += 1 + ranges
        transitions += _LARGE_TRANSITIONS + ranges
        reads += math.ceil(size / _SPLIT_BYTES) + ranges
        megabytes += size / _MB / _SPLIT_SPEEDUP
    seconds = megabytes / assumed.scoring_megabytes_per_second
    gb_seconds = seconds * assumed.scoring_memory_mb / _MB_PER_GB
    # Each call writes its rows, and some write refused rows; Step Functions writes two objects.
    writes = 2 * calls + 2
    return {
        "Lambda": gb_seconds * prices.lambda_x86.price + calls * prices.lambda_requests.price / _MILLION,
        "Step Functions": transitions * prices.state_transitions.price / _MILLION,
        "S3": (writes * prices.s3_writes.price + reads * prices.s3_reads.price) / _MILLION,
    }
