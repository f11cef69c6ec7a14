"""Alarms that roll an update back; SageMaker reads their states with the execution role of the model.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
"""

from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.sagemaker.errors import SageMakerError
from local.sagemaker.execution_role import ExecutionRole


class AlarmsUnknownError(Exception):
    """The states cannot be read; the message is that of the refused call."""


class RollbackAlarms:
    """The alarms of an AutoRollbackConfiguration.

    Args:
        names: Their names.
        assume: Assumes the execution role of the model.
    """

    def __init__(self, names: Sequence[str], *, assume: Callable[[], ExecutionRole]) -> None:
        self._names = list(names)
        self._assume = assume
        self._client: Any = None

    def in_alarm(self) -> list[str]:
        """Returns the names of those that are in ALARM.

        Raises:
            AlarmsUnknownError: The role cannot be assumed, or may not describe them.
        """
        if not self._names:
            return []
        try:
            # CloudWatch's model is large: one client for a deployment.
            self._client = self._client or self._assume().client("cloudwatch")
            found = self._client.describe_alarms(
                AlarmNames=self._names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        except (SageMakerError, ClientError, BotoCoreError) as error:
            raise AlarmsUnknownError(str(error)) from error
        alarms = [*found.get("MetricAlarms", ()), *found.get("CompositeAlarms", ())]
        return [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
