"""Price table: AWS prices with their sources and the date they were read."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

from stacks.costs.assumptions import Assumptions

DEFAULT_TABLE = Path(__file__).with_name("prices.json")

Unit = TypeVar("Unit", bound=str)


class PriceError(Exception):
    """An invalid price table, or one without a price that the settings need; the message is one sentence."""


class PriceSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Source of prices: its URL, and what was read there."""

    url: Annotated[str, msgspec.Meta(pattern="^https://")]
    about: str


class Price(msgspec.Struct, Generic[Unit], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Price of one unit.

    Attributes:
        price: Amount in the currency of the table.
        unit: Billing unit; a literal type, so a price per million is never read as a price per one.
        source: Name of an entry in the table's sources.
    """

    price: Annotated[float, msgspec.Meta(ge=0)]
    unit: Unit
    source: str


class InstancePrice(Price[Literal["hour"]], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Price of a SageMaker hosting instance for an hour, and its number of vCPUs."""

    vcpus: Annotated[int, msgspec.Meta(ge=1)]


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All prices except those of instances; the first tier of tiered prices."""

    endpoint_data: Price[Literal["GB"]]
    serverless_inference: Price[Literal["GB-second"]]
    lambda_arm: Price[Literal["GB-second"]]
    lambda_x86: Price[Literal["GB-second"]]
    snapshot_cache: Price[Literal["GB-second"]]
    lambda_requests: Price[Literal["million requests"]]
    api_requests: Price[Literal["million requests"]]
    data_transfer_out: Price[Literal["GB"]]
    log_ingestion: Price[Literal["GB"]]
    log_storage: Price[Literal["GB-month"]]
    alarm: Price[Literal["month"]]
    dashboard: Price[Literal["month"]]
    metric: Price[Literal["month"]]
    metric_ingestion: Price[Literal["GB"]]
    kms_key: Price[Literal["month"]]
    s3_storage: Price[Literal["GB-month"]]
    s3_writes: Price[Literal["million requests"]]
    s3_reads: Price[Literal["million requests"]]
    state_transitions: Price[Literal["million transitions"]]
    image_storage: Price[Literal["GB-month"]]
    waf_web_acl: Price[Literal["month"]]
    waf_rule: Price[Literal["month"]]
    waf_requests: Price[Literal["million requests"]]


class PriceTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Content of a price table file.

    Attributes:
        date: Day on which the prices were read.
        region: AWS region of all prices.
        currency: Currency of all prices.
        sources: Sources of the prices, by a short name.
        prices: Prices of everything except instances.
        instances: Prices of instances, by instance type.
        assumptions: Quantities that the prices are multiplied with.
    """

    date: datetime.date
    region: str
    currency: Literal["USD"]
    sources: dict[str, PriceSource]
    prices: Prices
    instances: dict[str, InstancePrice]
    assumptions: Assumptions

    def __post_init__(self) -> None:
        if unknown := sorted(set(self._sources_named()) - set(self.sources)):
            raise ValueError(f"sources lacks {', '.join(unknown)}")

    def instance(self, instance_type: str) -> InstancePrice:
        """Returns the price of an instance type.

        Raises:
            PriceError: When the table has no price for it.
        """
        if instance_type not in self.instances:
            entry = f'"{instance_type}": {{"price": ..., "unit": "hour", "vcpus": ..., "source": ...}}'
            raise PriceError(
                f"The price table of {self.date} has no price for {instance_type} in {self.region}: "
                f"copy stacks/costs/prices.json, add {entry} to its instances, and give it with --prices."
            )
        return self.instances[instance_type]

    def _sources_named(self) -> Iterator[str]:
        for price in (msgspec.structs.asdict(self.prices) | self.instances).values():
            yield price.source


def load_prices(path: Path) -> PriceTable:
    """Reads and checks a price table.

    Raises:
        PriceError: When the file cannot be read or has an invalid field.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=PriceTable)
    except OSError as error:
        raise PriceError(f"The price table {path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PriceError(
            f"The price table {path} is invalid: {error}; stacks/costs/prices.json is a valid one."
        ) from error
