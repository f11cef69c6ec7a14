"""Cost of a scoring job before it starts, at the prices of the price table."""

from dataclasses import dataclass

from stacks.costs.price_table import PriceTable

# An instance starts in about five minutes, which are paid for.
_START_MINUTES = 5
# The default model reads 3 MB of CSV and 9 MB of JSON Lines in a second of a processor, and a vCPU is half of
# one.
_BYTES_PER_VCPU_SECOND = 1_500_000
_SECONDS_PER_MINUTE = 60
_MINUTES_PER_HOUR = 60


@dataclass(frozen=True, kw_only=True)
class JobCost:
    """Estimated cost of a job.

    Attributes:
        dollars: Dollars.
        minutes: Minutes of each instance.
        sentence: Both for people, with the figures behind them.
    """

    dollars: float
    minutes: float
    sentence: str


def job_cost(table: PriceTable, *, instance_type: str, instances: int, size: int) -> JobCost:
    """Returns the cost of scoring so many bytes.

    Raises:
        PriceError: The table has no price for the instance type.
    """
    instance = table.instance(instance_type)
    seconds = size / (_BYTES_PER_VCPU_SECOND * instance.vcpus * instances)
    minutes = _START_MINUTES + seconds / _SECONDS_PER_MINUTE
    dollars = instances * minutes / _MINUTES_PER_HOUR * instance.price
    sentence = (
        f"About ${dollars:.2f}: {instances} x {instance_type} for {minutes:.0f} minutes, of which "
        f"{_START_MINUTES} are its start, at ${instance.price:g} an hour ({table.region}, {table.date})."
    )
    return JobCost(dollars=dollars, minutes=minutes, sentence=sentence)
