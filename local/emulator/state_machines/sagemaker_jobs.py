"""SageMaker jobs of state machines: `sagemaker:createTrainingJob.sync` waits for the end of the job.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
"""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import stepfunctions

from local.emulator.state_machines.service_integrations import OPTIMIZED
from local.emulator.state_machines.stops_and_timeouts import InterruptedTaskError, current_interruption

_PREFIX = "arn:aws:states:::sagemaker:"
# https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html says why it needs sagemaker:AddTags.
_TAG = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}
_PAUSE_SECONDS = 0.1

# Returns the event that is set when a job of a name has ended.
Ended = Callable[[str], threading.Event]


class JobTasks:
    """Tasks that create a resource of SageMaker, and wait for it if it is a job.

    Args:
        ended: The end of a job, by the kind of job, such as TrainingJob.
    """

    def __init__(self, ended: Mapping[str, Ended]) -> None:
        self._ended = ended

    def install(self) -> None:
        """Adds the integration to MiniStack, which has none with SageMaker."""
        stepfunctions._SERVICE_DISPATCH[_PREFIX] = self.run

    def run(self, resource: str, parameters: Mapping[str, Any]) -> Any:
        """Runs a task, and returns its result.

        Raises:
            stepfunctions._ExecutionError: SageMaker refuses the request, or the job does not complete.
        """
        action, _, pattern = resource.removeprefix(_PREFIX).partition(".")
        kind = action.removeprefix("create")
        if kind in self._ended:
            parameters = {**parameters, "Tags": [*parameters.get("Tags", ()), _TAG]}
        if pattern and (pattern != "sync" or kind not in self._ended):
            raise stepfunctions._ExecutionError(
                "States.Runtime", f"AWS on this machine has no integration {resource}."
            )
        created = OPTIMIZED["sagemaker"].call(action, parameters)
        return self._result(kind, parameters[f"{kind}Name"]) if pattern else created

    def _result(self, kind: str, name: str) -> Any:
        self._await_end(kind, name)
        described = OPTIMIZED["sagemaker"].call(f"describe{kind}", {f"{kind}Name": name})
        if described[f"{kind}Status"] != "Completed":
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(described))
        return described

    def _await_end(self, kind: str, name: str) -> None:
        """Waits for the end of a job; stops it when the execution is stopped or the task has timed out."""
        interruption = current_interruption()
        ended = self._ended[kind](name)
        try:
            while not ended.is_set():
                interruption.wait(_PAUSE_SECONDS)
        except InterruptedTaskError:
            OPTIMIZED["sagemaker"].call(f"stop{kind}", {f"{kind}Name": name})
            raise
