"""Updates of a deployed stack that SageMaker refuses or that endanger production."""

from collections.abc import Iterator

from stacks.commands.current_stack import CurrentStack
from stacks.settings.settings import Settings


def refused_updates(settings: Settings, deployed: CurrentStack, *, instances: int) -> Iterator[str]:
    """Yields one sentence for each reason not to update a stack, with the steps that lead to the same end.

    Args:
        settings: The settings to deploy.
        deployed: The stack that would be updated.
        instances: Number of instances that its endpoint runs; 0 without instances.
    """
    yield from _check_status(deployed)
    if deployed.stage == "prod" and settings.stage != "prod":
        yield (
            f"The setting stage is {settings.stage!r}, and the deployed stack {deployed.name} is in stage "
            "prod: set stage to prod, or stack_name to a name that is free."
        )
    if settings.hosting == deployed.hosting == "realtime" and instances:
        yield from _check_instance_type(settings, deployed, instances=instances)
        yield from _check_canary(settings, deployed, instances=instances)


def refused_creation(settings: Settings, *, instances: int) -> Iterator[str]:
    """Yields the reason not to create a stack: an endpoint has its name, which SageMaker gives only once.

    Args:
        settings: The settings to deploy.
        instances: Number of instances of an endpoint with the name of the stack.
    """
    if instances:
        yield (
            f"There is an endpoint {settings.stack_name} already, which this deployment would create: delete "
            f"it with `aws sagemaker delete-endpoint --endpoint-name {settings.stack_name}` if nobody uses "
            "it, or set stack_name to a name that is free."
        )


def _check_status(deployed: CurrentStack) -> Iterator[str]:
    """CloudFormation updates no stack that is busy, or whose deletion has failed.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
    """
    if deployed.status.endswith("_IN_PROGRESS"):
        yield (
            f"The stack {deployed.name} is {deployed.status}: a deployment, a release or a deletion is in "
            "progress. Run `make deploy` again when it is done."
        )
    if deployed.status == "DELETE_FAILED":
        yield (
            f"The stack {deployed.name} is DELETE_FAILED: remove what its events in CloudFormation name, "
            "such as the objects of a bucket, and run `make destroy` again; then deploy."
        )


def _check_instance_type(settings: Settings, deployed: CurrentStack, *, instances: int) -> Iterator[str]:
    """SageMaker changes no instance type of an autoscaled endpoint.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
    """
    before, after = deployed.instance_type, settings.instance_type
    if not deployed.is_scaled or before == after:
        return
    # Without autoscaling the update starts instance_count instances, which should not be fewer than now.
    count = max(instances, settings.instance_count)
    fixed = f"-c instance_count={count} -c max_instance_count={count}"
    yield (
        f"The setting instance_type is {after!r}, and the deployed stack {deployed.name} scales instances of "
        f"type {before}: SageMaker refuses another type while an endpoint is autoscaled. Deploy three times, "
        f"each time with your other settings: 1. `-c instance_type={before} {fixed}` ends autoscaling; "
        f"2. `-c instance_type={after} {fixed}` changes the type; "
        f"3. `-c instance_type={after}` and the counts that you want start autoscaling again."
    )


def _check_canary(settings: Settings, deployed: CurrentStack, *, instances: int) -> Iterator[str]:
    """A canary of one instance is at most half of the new fleet, and an autoscaled endpoint keeps its number.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green-canary.html
    """
    count = settings.instance_count
    if count == 1 or not settings.is_scaled or instances > 1:
        return
    yield (
        f"The setting instance_count is {count}, and the endpoint of the deployed stack {deployed.name} runs "
        "one instance: an update keeps the number of an autoscaled endpoint, so its canary would be one of "
        "one, and SageMaker accepts at most half. Deploy twice, each time with your other settings: "
        f"1. `-c instance_count={count} -c max_instance_count={count}`, without autoscaling, starts {count} "
        "instances; 2. the settings of now start autoscaling."
    )
