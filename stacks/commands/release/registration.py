"""Release in the model registry of a stack: who has released which version, and the version before."""

from bundle import Manifest
from stacks.commands.aws_account import AwsAccount
from stacks.commands.current_stack import CurrentStack
from stacks.commands.models.registry import Registry
from stacks.commands.release.candidate import ReleaseError
from stacks.registry.package_properties import package_properties

_APPROVED, _REJECTED = "Approved", "Rejected"
# Of an ApprovalDescription: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
_MAX_CHARACTERS = 900


class Registration:
    """Package of the version that is released, which is registered before it serves.

    It is approved after it serves: an approval starts the retraining of the stack at its release, which finds
    then that the version serves already.

    Args:
        account: The account of the stack.
        stack: The stack, which has a registry.
        manifest: Manifest of the version.
        url: S3 URI of its bundle.

    Raises:
        UnreadableAccountError: SageMaker refuses.
    """

    def __init__(self, account: AwsAccount, stack: CurrentStack, manifest: Manifest, *, url: str) -> None:
        self._account = account
        self._registry = Registry.of(account, stack)
        self._package = self._registry.register(
            package_properties(manifest, source="promotion"),
            url=url,
            like=self._registry.find(stack.outputs["ModelVersion"]),
        )

    def approve(self, why: str) -> None:
        """Approves the version, unless it is approved."""
        if self._package.approval != _APPROVED:
            self._registry.approve(self._package, who=_caller(self._account), why=why)

    def reject(self, why: str) -> None:
        """Rejects the version, which has failed."""
        self._registry.reject(self._package, who=_caller(self._account), why=why[:_MAX_CHARACTERS])


def version_before(account: AwsAccount, stack: CurrentStack) -> str:
    """Returns the version that the serving one has replaced.

    Raises:
        ReleaseError: There is none, or it was rejected.
        UnreadableAccountError: The stack has no registry, or SageMaker refuses.
    """
    registry, serving = Registry.of(account, stack), stack.outputs["ModelVersion"]
    champion = registry.find(serving)
    if not champion or not champion.replaced:
        raise ReleaseError(
            f"Version {serving}, which serves, has replaced none: `make models` lists the versions, and "
            "`make promote VERSION=` releases one of them."
        )
    before = registry.find(champion.replaced)
    if before and before.approval == _REJECTED:
        raise ReleaseError(
            f"Version {before.version}, which served before, is rejected ({before.approved_by}): "
            f"`make promote VERSION={before.version}` releases it nevertheless."
        )
    return champion.replaced


def reject_undone(account: AwsAccount, stack: CurrentStack, version: str) -> None:
    """Rejects a version that a person has taken out of service.

    Raises:
        UnreadableAccountError: SageMaker refuses.
    """
    registry = Registry.of(account, stack)
    if found := registry.find(version):
        registry.reject(found, who=_caller(account), why="rolled back with make rollback")


def _caller(account: AwsAccount) -> str:
    """Returns the name of the caller: a role with its session, or a user."""
    identity = account.read("sts", "get_caller_identity", action="sts:GetCallerIdentity")
    return str(identity.get("Arn") or identity["Account"]).rpartition(":")[2]
