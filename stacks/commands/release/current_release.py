"""Released version during a deployment: it goes on serving, unless it does not fit the code."""

from collections.abc import Sequence
from typing import NamedTuple

from api import join_with_and
from bundle import BundleError, Manifest, changed_parts
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.current_stack import CurrentStack
from stacks.commands.release.version_store import VersionStore
from stacks.settings.settings import RELEASED, Settings


class StandingRelease(NamedTuple):
    """Effect of the released version on a deployment.

    Attributes:
        manifest: Manifest of the version that serves after the deployment; None for that of its own bundle.
        sentence: Notes for the user; "" for nothing.
        options: Options of `cdk deploy`.
    """

    manifest: Manifest | None = None
    sentence: str = ""
    options: Sequence[str] = ()


def standing_release(
    account: AwsAccount, settings: Settings, deployed: CurrentStack | None
) -> StandingRelease:
    """Compares the bundle of a deployment with the released version of the stack.

    Args:
        account: The account of the stack.
        settings: Settings of the deployment, whose bundle is there.
        deployed: The stack that is updated; None for a first deployment.

    Raises:
        SettingsError: The bundle cannot be read.
        UnreadableAccountError: The manifest of the released version cannot be read.
    """
    version = deployed.parameters.get(RELEASED) if deployed else None
    if not deployed or not version or settings.models or settings.reload:
        return StandingRelease()
    own = settings.open_archives()[0].bundle.manifest
    if own.version == version:
        return StandingRelease()
    try:
        released = VersionStore(account, deployed).manifest(version)
    except BundleError as error:
        raise UnreadableAccountError(f"The manifest of version {version}, which serves: {error}") from error
    changed = changed_parts(released, own) if released else ["its bundle in the artifact bucket"]
    if changed:
        return StandingRelease(
            sentence=(
                f"This deployment releases version {own.version}, because version {version}, which serves, "
                f"does not fit its code: {join_with_and(changed)} changed."
            ),
            options=["--parameters", f"{deployed.name}:{RELEASED}={own.version}"],
        )
    return StandingRelease(
        manifest=released,
        sentence=(
            f"Version {version} is released and goes on serving; the bundle of this deployment is version "
            f"{own.version}: `make promote VERSION={own.version}` releases it."
        ),
    )
