"""Endpoint whose serving processes run: its hosting, and clients that invoke it."""

import http.client
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.sagemaker.execution_role import ExecutionRole
from local.sagemaker.fleets.launcher import ContainerLauncher
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.resource_collection import SageMakerResource
from tests.local.iam.roles import MODEL_ROLE
from tests.local.model_archives import STUB, unpacked
from tests.local.polling import until
from tests.local.sagemaker.permitted_role import PermittedRole, SilentLogs
from tests.local.sagemaker.quick_hosting import FakeClock, make_hosting

Event = tuple[str, str, Mapping[str, Any]]
# After an update, each of them may still have to note the answer of the old fleet.
CLIENTS = 3


class Alarms(SilentLogs):
    """Client of CloudWatch and of CloudWatch Logs; the test sets the state of the one alarm."""

    state = "OK"

    def describe_alarms(self, **_names: Any) -> dict[str, Any]:
        return {"MetricAlarms": [{"AlarmName": "errors", "StateValue": self.state}]}


def invoke(port: int, **instructions: Any) -> str:
    """Invokes a process; returns the version of the model that answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", "/invocations", json.dumps(instructions))
    version: str = json.loads(connection.getresponse().read())["version"]
    connection.close()
    return version


class Load:
    """Clients that invoke an endpoint until the end; each answer and each failure is noted.

    Args:
        hosting: Hosts the endpoint.
    """

    def __init__(self, hosting: SageMakerHosting) -> None:
        self.answers: list[str] = []
        self.failures: list[str] = []
        self._hosting = hosting
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._invoke) for _ in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int = 20) -> None:
        """Returns when this many more invocations have been answered."""
        wanted = len(self.answers) + count
        until(lambda: len(self.answers) >= wanted)

    def _invoke(self) -> None:
        while not self._ending.is_set():
            try:
                with self._hosting.lease("endpoint") as lease:
                    version = invoke(lease.port)
                assert version == lease.config.name
                self.answers.append(version)
            except Exception as error:
                self.failures.append(repr(error))


class Parts:
    """Hosting with a clock, alarms and events that a test reads and sets."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.alarms, self.events = FakeClock(), Alarms(), list[Event]()
        self.behaviours: dict[str, dict[str, Any]] = {}

        def fetch(_s3: object, url: str, target: Path) -> None:
            name = url.rpartition("/")[2]
            unpacked(target.parent, version=name, **self.behaviours[name])

        launcher = ContainerLauncher(folder=folder, command=STUB, environment={}, download=fetch)
        self.hosting = make_hosting(launcher, assume=self._assume, clock=self.clock, events=self.events)

    def configure(self, name: str, *, startup: int = 120, instances: int = 2, **behaviour: Any) -> str:
        """Creates a model and a configuration of one name; `behaviour` controls the stub serving process."""
        self.behaviours[name] = behaviour
        model = {"ExecutionRoleArn": MODEL_ROLE, "PrimaryContainer": {"ModelDataUrl": f"s3://models/{name}"}}
        variant = {
            "VariantName": "primary",
            "ModelName": name,
            "InitialInstanceCount": instances,
            "ContainerStartupHealthCheckTimeoutInSeconds": startup,
        }
        self.hosting.models.add(SageMakerResource(name=name, request=model))
        self.hosting.configs.add(SageMakerResource(name=name, request={"ProductionVariants": [variant]}))
        return name

    def statuses(self) -> list[str]:
        """Returns the statuses that events of the endpoint's state have reported."""
        return [
            detail["EndpointStatus"]
            for kind, _, detail in self.events
            if kind == "SageMaker Endpoint State Change"
        ]

    def _assume(self, _role_arn: str, /, *, source_arn: str) -> ExecutionRole:  # noqa: ARG002 - the signature
        alarms = self.alarms

        class Role(PermittedRole):
            def client(self, _service: str, /) -> Any:
                return alarms

        return Role()
