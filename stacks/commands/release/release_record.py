"""Record of a release in the registry of the stack: the version, who released it, and whether it failed."""

from bundle import ARCHIVE, Manifest, version_folder
from stacks.commands.aws_account import AwsAccount
from stacks.commands.current_stack import CurrentStack
from stacks.commands.models.registered_version import RegisteredVersion
from stacks.commands.models.registry import Registry
from stacks.commands.release.candidate import ReleaseError
from stacks.registry.package_properties import package_properties


class ReleaseRecord:
    """Record of one release.

    The stack itself notes when the version has begun to serve, and which one it has replaced.

    Args:
        account: The account of the stack.
        stack: The stack before the release.

    Raises:
        UnreadableAccountError: The stack has no registry.
    """

    def __init__(self, account: AwsAccount, stack: CurrentStack) -> None:
        self._account = account
        self._stack = stack
        self._registry = Registry.of(account, stack)

    def version_before(self) -> str:
        """Returns the version that served before the one that serves.

        Raises:
            ReleaseError: The registry names none.
            UnreadableAccountError: AWS refuses.
        """
        champion = self._champion()
        if champion and champion.replaced:
            return champion.replaced
        raise ReleaseError(
            f"The registry names no version that {self._stack.outputs['ModelVersion']}, which serves, has "
            "replaced: `make models` lists the versions, and `make promote VERSION=` releases one."
        )

    def begin(self, manifest: Manifest) -> RegisteredVersion:
        """Registers a version that is to be released, unless it is registered.

        Raises:
            UnreadableAccountError: AWS refuses.
        """
        folder = version_folder(manifest.name, manifest.version)
        return self._registry.register(
            package_properties(manifest, source="promotion"),
            url=f"s3://{self._stack.outputs['ArtifactBucket']}/{folder}/{ARCHIVE}",
            like=self._champion(),
        )

    def succeed(self, version: RegisteredVersion, *, why: str) -> None:
        """Approves a version that serves now, unless it is approved."""
        if version.approval != "Approved":
            self._registry.approve(version, who=self._caller(), why=why)

    def fail(self, version: RegisteredVersion, *, why: str) -> None:
        """Rejects a version that failed in service."""
        self._registry.reject(version, who="release", why=why)

    def reject_champion(self, *, why: str) -> None:
        """Rejects the version that served before this release."""
        if champion := self._champion():
            self._registry.reject(champion, who=self._caller(), why=why)

    def _champion(self) -> RegisteredVersion | None:
        return self._registry.find(self._stack.outputs["ModelVersion"])

    def _caller(self) -> str:
        identity = self._account.read("sts", "get_caller_identity", action="sts:GetCallerIdentity")
        return str(identity["Arn"]).rpartition(":")[2]
