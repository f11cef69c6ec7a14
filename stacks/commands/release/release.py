"""Release: the update of one parameter of the stack, with golden rows during it, and what serves then."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

from bundle import ARCHIVE, Manifest, version_folder
from stacks.commands.after_deployment.live_configuration import DeploymentFailedError, serving_state
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.current_stack import CurrentStack, require_stack
from stacks.commands.endpoint.stack_update import ParameterUpdate, ResourceLeftError, UpdateFailedError
from stacks.commands.models.registry import REGISTRY
from stacks.commands.release.candidate import ReleaseError
from stacks.commands.release.registration import Registration
from stacks.commands.traffic.background_golden_rows import send_golden_rows
from stacks.settings.settings import RELEASED


class Released(NamedTuple):
    """Result of a release.

    Attributes:
        before: Version that served before.
        changed: Whether another version serves now.
        state: The version that serves now, as part of a sentence.
    """

    before: str
    changed: bool
    state: str


def release(
    account: AwsAccount,
    stack: CurrentStack,
    manifest: Manifest,
    *,
    progress: Callable[[str], None],
    verb: str,
    api_url: str | None,
) -> Released:
    """Makes a stack serve a version whose bundle is in its artifact bucket.

    Args:
        account: The account of the stack.
        stack: The stack.
        manifest: Manifest of the version.
        progress: Takes one line for each step.
        verb: The command that releases it, such as promote.
        api_url: URL of the API and its stage for golden rows, if it differs from the stack's outputs.

    Raises:
        ReleaseError: The version before goes on serving.
        UnreadableAccountError: AWS refuses.
    """
    before, models = stack.outputs["ModelVersion"], [manifest.name]
    folder = version_folder(manifest.name, manifest.version)
    url = f"s3://{stack.outputs['ArtifactBucket']}/{folder}/{ARCHIVE}"
    has_registry = REGISTRY in stack.outputs
    registration = Registration(account, stack, manifest, url=url) if has_registry else None
    if manifest.version == before:
        # Such as after a release whose command was ended before it could say so.
        if registration:
            registration.approve(f"released with make {verb}")
        return Released(before, changed=False, state=_state(account, stack, models))
    progress(f"Releasing version {manifest.version} of {manifest.name} in place of {before}.")
    traffic = (
        send_golden_rows(
            account, stack.name, models=models, read_manifests=lambda: [manifest], api_url=api_url
        )
        if stack.hosting == "realtime" and not stack.is_paused
        else nullcontext()
    )
    try:
        with traffic:
            ParameterUpdate(account, stack, progress=progress).run(RELEASED, manifest.version)
    except ResourceLeftError as error:
        progress(f"Version {manifest.version} serves, and something is left behind. {error}")
    except UpdateFailedError as error:
        if registration:
            registration.reject(str(error))
        raise ReleaseError(
            f"Version {manifest.version} is not released, and {before} goes on serving. {error}"
        ) from error
    if registration:
        registration.approve(f"released with make {verb}")
    after = require_stack(account, stack.name)
    return Released(before, changed=True, state=_state(account, after, models))


def _state(account: AwsAccount, stack: CurrentStack, models: list[str]) -> str:
    try:
        return serving_state(account, stack, models=models)
    except (DeploymentFailedError, UnreadableAccountError) as error:
        raise ReleaseError(str(error)) from error
