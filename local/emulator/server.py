"""Server of the emulator: `python -m local.emulator.server` runs MiniStack and SageMaker in one process."""

import argparse
import asyncio
import functools
import gc
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import ministack.app
import uvloop
from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework

from local import process_environment
from local.cloudwatch import service as cloudwatch
from local.cloudwatch.alarms.alarm_schedule import AlarmClock
from local.cloudwatch.metrics.metric_feed import MetricFeed
from local.codedeploy.api import CodeDeployApi
from local.codedeploy.codedeploy import CodeDeploy
from local.emulator import (
    custom_resources,
    image_functions,
    resource_types_without_effect,
    sagemaker_resource_types,
    template_conditions,
)
from local.emulator.api_gateway import service as api_gateway
from local.emulator.apis import locked_buckets, object_keys
from local.emulator.apis.aws_json_api import JsonEndpoint, Service
from local.emulator.assumed_roles import ExecutionRoles
from local.emulator.cloudformation import (
    concurrent_operations,
    output_only_change_sets,
    unchanged_resources,
)
from local.emulator.codedeploy import service as codedeploy_service
from local.emulator.events import input_transformers, schedules
from local.emulator.events.event_bus import EventBus
from local.emulator.functions import service as functions
from local.emulator.functions.container_credentials import CredentialsEndpoint
from local.emulator.iam_decisions_page import DecisionsPage
from local.emulator.request_router import RequestRouter
from local.emulator.scaling import resource_types as scaling_types
from local.emulator.scaling.autoscaling import ApplicationAutoScaling
from local.emulator.scaling.scaling_api import ScalingApi
from local.emulator.scaling.variant_capacity import VariantCapacity
from local.emulator.state_machines import service as state_machines
from local.iam import ministack_hooks
from local.iam.decision_log import DecisionLog
from local.iam.policy_evaluation import PolicyEvaluation
from local.iam.role_session import RoleSessions
from local.iam.service_calls import ServiceCalls
from local.iam.stacks.grants import GrantBook
from local.iam.stacks.stack_role import StackRoles
from local.local_aws import LocalAws
from local.sagemaker.api.hosting_operations import hosting_operations
from local.sagemaker.api.model_package_group_operations import model_package_group_operations
from local.sagemaker.api.model_package_operations import model_package_operations
from local.sagemaker.api.sagemaker_api import SageMakerApi
from local.sagemaker.api.training_operations import training_operations
from local.sagemaker.api.transform_operations import transform_operations
from local.sagemaker.fleets.launcher import ContainerLauncher
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.hosting.runtime import SageMakerRuntime
from local.sagemaker.invocation_metrics import InvocationMetrics
from local.sagemaker.registry.registry import SageMakerRegistry
from local.sagemaker.training.training import SageMakerTraining
from local.sagemaker.transform.launcher import TransformLauncher
from local.sagemaker.transform.transform import SageMakerTransform
from local.sagemaker.updates.update_clock import Clock
from local.time_scale import speed


def main(argv: Sequence[str] | None = None) -> None:
    """Serves on one port of the loopback address until SIGTERM, or until the supervisor ends.

    Args:
        argv: The state folder, the port, the descriptors of lock and socket, the training command as one
            shell word, and the serving command.
    """
    parser = argparse.ArgumentParser(prog="python -m local.emulator.server", description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("lock", type=int)
    parser.add_argument("socket", type=int)
    parser.add_argument("training", type=shlex.split)
    parser.add_argument("serving", nargs=argparse.REMAINDER)
    arguments = parser.parse_args(argv)
    aws = LocalAws(port=arguments.port, state=arguments.state)
    _collect_garbage_rarely()
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    clock = Clock(speed=speed(os.environ))
    assume, codedeploy, page = _install_iam(aws, clock)
    roles = assume("SageMaker")
    launcher = ContainerLauncher(
        folder=aws.state / "endpoints",
        command=arguments.serving,
        environment=process_environment.of_container(os.environ),
        descriptors=[arguments.lock],
    )
    publish = EventBus(source="aws.sagemaker").publish
    hosting = SageMakerHosting(launcher=launcher, assume=roles, clock=clock, publish=publish)
    transforms = TransformLauncher(
        command=arguments.serving,
        environment=process_environment.of_container(os.environ),
        descriptors=[arguments.lock],
    )
    transform = SageMakerTransform(
        hosting.models, launcher=transforms, folder=aws.state / "transform", publish=publish
    )
    training = SageMakerTraining(
        assume=roles,
        folder=aws.state / "training",
        command=arguments.training,
        environment=process_environment.of_container(os.environ),
        publish=publish,
        descriptors=[arguments.lock],
    )
    state_machines.install(
        assume("States"),
        assume("Events"),
        speed=speed(os.environ),
        ended_jobs={
            "TrainingJob": lambda name: training.jobs.get(name).settled,
            "TransformJob": lambda name: transform.jobs.get(name).settled,
        },
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        registry = SageMakerRegistry(publish)
        runner.run(_serve(hosting, (training, transform), registry, codedeploy, page, arguments.socket))


def _install_iam(
    aws: LocalAws, clock: Clock
) -> tuple[Callable[[str], ExecutionRoles], CodeDeploy, Callable[..., ASGIFramework]]:
    """Returns the roles that a service assumes, CodeDeploy, and the page with IAM's decisions."""
    log = DecisionLog()
    grants = GrantBook(log)
    evaluation = PolicyEvaluation(log)
    sessions = RoleSessions(evaluation)
    stack_roles = StackRoles(evaluation=evaluation, sessions=sessions)
    ministack_hooks.install(
        evaluation=evaluation,
        calls=ServiceCalls(evaluation=evaluation, sessions=sessions),
        roles=stack_roles,
        grants=grants,
    )
    assume = functools.partial(ExecutionRoles, aws=aws, sessions=sessions, evaluation=evaluation)
    codedeploy = codedeploy_service.make_codedeploy(assume("CodeDeploy"), clock=clock)
    codedeploy_service.install(codedeploy, roles=stack_roles)
    return assume, codedeploy, functools.partial(DecisionsPage, log, grants=grants)


async def _serve(
    hosting: SageMakerHosting,
    jobs: tuple[SageMakerTraining, SageMakerTransform],
    registry: SageMakerRegistry,
    codedeploy: CodeDeploy,
    page: Callable[..., ASGIFramework],
    listener: int,
) -> None:
    training, transform = jobs
    api = SageMakerApi(
        {
            **training_operations(training),
            **transform_operations(transform),
            **hosting_operations(hosting),
            **model_package_group_operations(registry),
            **model_package_operations(registry),
        }
    )
    template_conditions.install()
    unchanged_resources.install()
    output_only_change_sets.install()
    concurrent_operations.install()
    resource_types_without_effect.install()
    custom_resources.install()
    input_transformers.install()
    object_keys.install()
    locked_buckets.install()
    schedules.install()
    api_gateway.install()
    functions.install()
    image_functions.install()
    sagemaker_resource_types.install(api, hosting, registry)
    pace = speed(os.environ)
    scaling = ApplicationAutoScaling(VariantCapacity(api, hosting), speed=pace)
    hosting.scaled_variants = scaling.variants_of
    scaling_types.install(scaling)
    feed = MetricFeed()
    cloudwatch.install(feed)
    config = Config()
    config.bind = [f"fd://{listener}"]
    runtime = SageMakerRuntime(hosting, metrics=InvocationMetrics(feed))
    router = RequestRouter(emulator=ministack.app.app, api=api, runtime=runtime)
    clock = asyncio.create_task(AlarmClock(speed=pace, react=scaling.tick).run())
    app = JsonEndpoint(
        page(app=router),
        Service(prefix="codedeploy", target="CodeDeploy_20141006", api=CodeDeployApi(codedeploy)),
        Service(prefix="application-autoscaling", target="AnyScaleFrontendService", api=ScalingApi(scaling)),
    )
    await serve(CredentialsEndpoint(app), config)
    clock.cancel()
    training.close()
    transform.close()
    hosting.close()
    # Ends the whole process group, supervisor and server included. A return would wait for MiniStack's
    # threads, which wait for Lambda functions.
    os.killpg(0, signal.SIGKILL)


def _collect_garbage_rarely() -> None:
    """Collects garbage rarely, which saves a tenth of the processor time: the server keeps most objects."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _end_with_supervisor() -> None:
    """Ends the server when the supervisor has ended, which closes the server's standard input."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
