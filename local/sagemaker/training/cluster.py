"""Training cluster: the instances of one job, their hosts and their common end."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from local.local_aws import LOOPBACK_ADDRESS
from local.processes.listener import free_ports
from local.sagemaker.training.instance import INSTANCE_STOP_SECONDS, TrainingInstance
from local.sagemaker.training.instance_folder import InstanceFolder
from local.sagemaker.training.job import TrainingJob

_POLL_SECONDS = 0.05
# SageMaker's default for MaxRuntimeInSeconds.
DEFAULT_MAX_RUNTIME_SECONDS = 86_400.0


def create_folders(job: TrainingJob, base: Path) -> list[InstanceFolder]:
    """Creates a folder for each instance; host names of several have ports, because all share one address."""
    count = job.request["ResourceConfig"].get("InstanceCount", 1)
    hosts = ["algo-1"] if count == 1 else [f"{LOOPBACK_ADDRESS}:{port}" for port in free_ports(count)]
    folders = []
    for number, host in enumerate(hosts, 1):
        folder = InstanceFolder(base / f"algo-{number}")
        folder.create(job.request, host=host, hosts=hosts)
        folders.append(folder)
    return folders


def await_end(job: TrainingJob, instances: Sequence[TrainingInstance], clock: Callable[[], float]) -> bool:
    """Waits until all have ended; stops them on request, on a failure, or when MaxRuntimeInSeconds is over.

    Returns:
        Whether MaxRuntimeInSeconds was over.
    """
    seconds: float = job.request["StoppingCondition"].get("MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME_SECONDS)
    deadline = clock() + seconds
    while _are_running(instances):
        is_late = clock() > deadline
        if is_late or job.stopping.is_set() or any(instance.code for instance in instances):
            _end(instances)
            return is_late
        time.sleep(_POLL_SECONDS)
    return False


def _end(instances: Sequence[TrainingInstance]) -> None:
    for instance in instances:
        instance.stop()
    deadline = time.monotonic() + INSTANCE_STOP_SECONDS
    while _are_running(instances) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    for instance in instances:
        instance.kill()


def _are_running(instances: Sequence[TrainingInstance]) -> bool:
    return any(instance.code is None for instance in instances)
