"""A multi-model endpoint."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from tests.local.conftest import make_config
from tests.local.polling import PATIENT_WAITER

Upload = Callable[..., str]


@dataclass(frozen=True, kw_only=True)
class MultiModelEndpoint:
    """A multi-model endpoint; its archives are in the folder `set` of its own bucket."""

    aws: LocalAws
    name: str
    upload: Upload

    def start(self, *, capacity: int = 9) -> None:
        """Creates the endpoint and waits until it is in service."""
        self.configure(self.name, capacity=capacity)
        sagemaker = self.aws.client("sagemaker")
        sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=self.name)
        self.wait_in_service()

    def configure(self, name: str, *, capacity: int = 9, folder: str = "set/") -> None:
        environment = {"STUB_CAPACITY": str(capacity)}
        url = f"s3://{self.name}/{folder}"
        make_config(self.aws.client("sagemaker"), name, url, Mode="MultiModel", Environment=environment)

    def wait_in_service(self) -> None:
        waiter = self.aws.client("sagemaker").get_waiter("endpoint_in_service")
        waiter.wait(EndpointName=self.name, WaiterConfig=PATIENT_WAITER)

    def add(self, name: str, *, folder: str = "set", **behaviour: object) -> None:
        """Uploads a model archive; its version is its name."""
        self.upload(f"{folder}/{name}.tar.gz", **{"version": name, **behaviour})

    def invoke(self, name: str | None, **instructions: object) -> dict[str, Any]:
        """Invokes a model without retries."""
        runtime = boto3.client(
            "sagemaker-runtime",
            endpoint_url=self.aws.url,
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            config=Config(retries={"total_max_attempts": 1}),
        )
        target = {} if name is None else {"TargetModel": f"{name}.tar.gz"}
        answer = runtime.invoke_endpoint(
            EndpointName=self.name, Body=json.dumps(instructions), CustomAttributes="a=b", **target
        )
        content: dict[str, Any] = json.loads(answer["Body"].read())
        return content

    def invoke_with_error(self, name: str | None, **instructions: object) -> dict[str, Any]:
        """Invokes a model that must fail; returns the error response."""
        with pytest.raises(ClientError) as raised:
            self.invoke(name, **instructions)
        response: dict[str, Any] = raised.value.response
        return response
