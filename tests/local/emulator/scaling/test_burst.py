"""A burst of requests to an endpoint whose serving processes run: its capacity follows, nothing is lost."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.emulator.scaling.variant_capacity import VariantCapacity
from local.sagemaker.api.endpoint_description import endpoint_description
from local.sagemaker.api.hosting_operations import hosting_operations
from local.sagemaker.api.sagemaker_api import SageMakerApi
from local.sagemaker.hosting.runtime import SageMakerRuntime
from local.sagemaker.invocation_metrics import InvocationMetrics
from tests.local.emulator.scaling.scaled_variant import ScaledVariant, policy_properties, target_properties
from tests.local.polling import until
from tests.local.sagemaker.updates.running_endpoint import Parts

pytestmark = pytest.mark.usefixtures("empty_cloudwatch")


class Service:
    """An endpoint of one to three instances with two concurrent requests each.

    Args:
        parts: Hosts the endpoint.
        folder: For the gates of requests.
    """

    def __init__(self, parts: Parts, folder: Path) -> None:
        self.endpoint = parts.hosting.endpoints.get("endpoint")
        self.statuses: list[int] = []
        api = SageMakerApi(hosting_operations(parts.hosting))
        self._variant = ScaledVariant(VariantCapacity(api, parts.hosting))
        self._runtime = SageMakerRuntime(parts.hosting, metrics=InvocationMetrics(self._variant.feed))
        self._folder = folder
        target = self._variant.scaling.register(target_properties(1, 3))
        self._variant.scaling.put_policy(target.physical_id, policy_properties(2))

    def serve(self, concurrent: int) -> set[int]:
        """Serves requests at the same time, in a period of ten seconds; returns the processes' ids.

        Each request is held by the serving process until all of them have arrived.
        """
        gates = [self._folder / f"{len(self.statuses)}-{number}" for number in range(concurrent)]
        for gate in gates:
            gate.touch()
        with ThreadPoolExecutor(max_workers=concurrent) as clients:
            answers = [clients.submit(self._invoke, gate) for gate in gates]
            until(lambda: all(gate.with_suffix(".reached").exists() for gate in gates))
            for gate in gates:
                gate.unlink()
        self.statuses += [answer.result().status for answer in answers]
        self._variant.pass_seconds()
        assert self.endpoint.settled.wait(120)
        return {json.loads(answer.result().body)["pid"] for answer in answers}

    def counts(self) -> tuple[int, int]:
        """Returns CurrentInstanceCount and DesiredInstanceCount."""
        [variant] = endpoint_description(self.endpoint, arn="arn")["ProductionVariants"]
        return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]

    def _invoke(self, gate: Path) -> Any:
        return asyncio.run(
            self._runtime.invoke_endpoint("endpoint", {}, json.dumps({"gate": str(gate)}).encode())
        )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    parts = Parts(tmp_path / "endpoints")
    parts.hosting.create("endpoint", parts.configure("one", instances=1)).settled.wait(120)
    yield Service(parts, tmp_path)
    parts.hosting.close()


@pytest.mark.slow
def test_capacity_follows_a_burst_and_its_end_and_no_request_is_lost(service: Service) -> None:
    # When six requests at a time arrive for 30 seconds, then three instances serve them
    for _ in range(3):
        service.serve(6)
    grown = service.counts()
    served = set[int]().union(*(service.serve(6) for _ in range(10)))

    # When one request at a time arrives for 15 minutes, then one instance serves it
    for _ in range(100):
        service.serve(1)

    assert (grown, len(served)) == ((3, 3), 3)
    assert service.counts() == (1, 1)
    assert service.statuses == [200] * (3 * 6 + 10 * 6 + 100)
