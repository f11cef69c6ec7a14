"""Version that is to be released: found in the artifact bucket, or uploaded from a file."""

from pathlib import Path

from api import join_with_and
from bundle import Bundle, Manifest, changed_parts, read_archive
from stacks.commands.current_stack import CurrentStack
from stacks.commands.release.version_store import VersionStore
from stacks.settings.bundle_archive import Archive
from stacks.settings.settings import RELEASED


class ReleaseError(Exception):
    """A version is not released; the message says why and what to do instead."""


def require_releasable(stack: CurrentStack) -> None:
    """Checks that a parameter of a stack says which version serves.

    Raises:
        ReleaseError: None does.
    """
    if RELEASED in stack.parameters:
        return
    if "," in stack.outputs.get("Models", ""):
        raise ReleaseError(
            f"The stack {stack.name} serves several models, which are released together: put the bundles "
            "into build/<model>/ and use `make deploy`."
        )
    raise ReleaseError(
        f"The template of stack {stack.name} has no parameter {RELEASED}. With the setting reload, put the "
        "bundle at the key that the function follows; without it, `make deploy` adds the parameter."
    )


def from_bucket(stack: CurrentStack, store: VersionStore, version: str) -> Manifest:
    """Returns the manifest of a version in the artifact bucket.

    Raises:
        ReleaseError: There is no such version, or its interface is another one.
    """
    found = store.manifest(version)
    if found is None:
        raise ReleaseError(
            f"The artifact bucket of stack {stack.name} has no version {version}: `aws s3 ls "
            f"s3://{stack.outputs['ArtifactBucket']}/models/{stack.outputs['Models']}/` lists those that it "
            "has, and `make promote BUNDLE=model.tar.gz` adds one."
        )
    _check_interface(stack, store, found)
    return found


def from_file(stack: CurrentStack, store: VersionStore, path: Path) -> Manifest:
    """Uploads a bundle, and returns its manifest.

    Raises:
        BundleError: It is not a valid bundle.
        ReleaseError: It is one of another model, or with another interface.
    """
    bundle: Bundle = read_archive(path)
    model = stack.outputs["Models"]
    if bundle.manifest.name != model:
        raise ReleaseError(
            f"{path} is a bundle of the model {bundle.manifest.name}, and the stack {stack.name} serves "
            f"{model}: give a bundle of {model}."
        )
    _check_interface(stack, store, bundle.manifest)
    store.upload(Archive(path=path, bundle=bundle))
    return bundle.manifest


def _check_interface(stack: CurrentStack, store: VersionStore, candidate: Manifest) -> None:
    serving = stack.outputs["ModelVersion"]
    if candidate.version == serving:
        return
    current = store.manifest(serving)
    if current is None:
        raise ReleaseError(
            f"The artifact bucket of stack {stack.name} has no manifest of version {serving}, which serves: "
            "deploy the stack again, then release."
        )
    if changed := changed_parts(current, candidate):
        raise ReleaseError(
            f"Version {candidate.version} has another interface than version {serving}, which serves: "
            f"{join_with_and(changed)} changed. Its pages and checks of requests need a deployment of the "
            "code: put the bundle into build/<model>/, or name it with `-c bundle=`, and use `make deploy`."
        )
