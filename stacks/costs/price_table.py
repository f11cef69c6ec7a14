"""The price table: what AWS asks, and where and when that was read."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

from stacks.costs.assumptions import Assumptions

DEFAULT_TABLE = Path(__file__).with_name("prices.json")

Unit = TypeVar("Unit", bound=str)


class PriceError(Exception):
    """A price table that cannot be used, or lacks what the settings need: one sentence."""


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where prices were read, and what was read there."""

    url: Annotated[str, msgspec.Meta(pattern="^https://")]
    about: str


class Price(msgspec.Struct, Generic[Unit], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one unit costs.

    Attributes:
        price: In the currency of the table.
        unit: What is paid for, written out, so that a price per million cannot be taken for a price per one.
        source: A name in the table's sources.
    """

    price: Annotated[float, msgspec.Meta(ge=0)]
    unit: Unit
    source: str


class InstancePrice(Price[Literal["hour"]], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an instance of SageMaker costs while it hosts a model, and its processors."""

    vcpus: Annotated[int, msgspec.Meta(ge=1)]


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All prices but those of instances; of tiered prices the first tier."""

    endpoint_data: Price[Literal["GB"]]
    serverless_inference: Price[Literal["GB-second"]]
    lambda_arm: Price[Literal["GB-second"]]
    lambda_x86: Price[Literal["GB-second"]]
    lambda_requests: Price[Literal["million requests"]]
    api_requests: Price[Literal["million requests"]]
    data_transfer_out: Price[Literal["GB"]]
    log_ingestion: Price[Literal["GB"]]
    log_storage: Price[Literal["GB-month"]]
    alarm: Price[Literal["month"]]
    dashboard: Price[Literal["month"]]
    metric: Price[Literal["month"]]
    kms_key: Price[Literal["month"]]
    s3_storage: Price[Literal["GB-month"]]
    image_storage: Price[Literal["GB-month"]]
    waf_web_acl: Price[Literal["month"]]
    waf_rule: Price[Literal["month"]]
    waf_requests: Price[Literal["million requests"]]


class PriceTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        date: When the prices were read.
        region: Of all prices.
        currency: Of all prices.
        sources: Where they were read, by a short name.
        prices: By what is paid for.
        instances: By instance type.
        assumptions: What the prices are multiplied with.
    """

    date: datetime.date
    region: str
    currency: Literal["USD"]
    sources: dict[str, Source]
    prices: Prices
    instances: dict[str, InstancePrice]
    assumptions: Assumptions

    def __post_init__(self) -> None:
        if unknown := sorted(set(self._sources_named()) - set(self.sources)):
            raise ValueError(f"sources lacks {', '.join(unknown)}")

    def instance(self, instance_type: str) -> InstancePrice:
        """The price of an instance type.

        Raises:
            PriceError: When the table has none.
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
        PriceError: When it cannot be read or is not what the docstrings here say.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=PriceTable)
    except OSError as error:
        raise PriceError(f"The price table {path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PriceError(
            f"The price table {path} is wrong: {error}; stacks/costs/prices.json shows what it must hold."
        ) from error
