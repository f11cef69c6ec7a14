"""An endpoint with several models."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.aws import LocalAws
from tests.local.conftest import make_config

Upload = Callable[..., str]


@dataclass(frozen=True, kw_only=True)
class Several:
    """An endpoint with several models, whose archives are in the folder `set` of a bucket of its own."""

    aws: LocalAws
    name: str
    upload: Upload

    def start(self, *, room: int = 9) -> None:
        """Bring it into service."""
        self.configure(self.name, room=room)
        sagemaker = self.aws.client("sagemaker")
        sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=self.name)
        self.settle()

    def configure(self, name: str, *, room: int = 9, folder: str = "set/") -> None:
        environment = {"STUB_ROOM": str(room)}
        url = f"s3://{self.name}/{folder}"
        make_config(self.aws.client("sagemaker"), name, url, Mode="MultiModel", Environment=environment)

    def settle(self) -> None:
        waiter = self.aws.client("sagemaker").get_waiter("endpoint_in_service")
        waiter.wait(EndpointName=self.name, WaiterConfig={"Delay": 0.05})

    def add(self, name: str, *, folder: str = "set", **behaviour: object) -> None:
        """Put a model there whose version is its name."""
        self.upload(f"{folder}/{name}.tar.gz", **{"version": name, **behaviour})

    def invoke(self, name: str | None, **orders: object) -> dict[str, Any]:
        """Ask one of the models once."""
        runtime = boto3.client(
            "sagemaker-runtime",
            endpoint_url=self.aws.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        target = {} if name is None else {"TargetModel": f"{name}.tar.gz"}
        answer = runtime.invoke_endpoint(
            EndpointName=self.name, Body=json.dumps(orders), CustomAttributes="a=b", **target
        )
        content: dict[str, Any] = json.loads(answer["Body"].read())
        return content

    def refuse(self, name: str | None, **orders: object) -> dict[str, Any]:
        """Ask one of the models in vain; the error."""
        with pytest.raises(ClientError) as raised:
            self.invoke(name, **orders)
        response: dict[str, Any] = raised.value.response
        return response
