"""Versions of a model in the artifact bucket of its stack."""

from bundle import ARCHIVE, MANIFEST, REPORT, Manifest, version_folder
from stacks.commands.aws_account import AwsAccount
from stacks.commands.current_stack import CurrentStack
from stacks.settings.bundle_archive import Archive
from stacks.storage.model_report import ModelReport, find_report


class VersionStore:
    """Bundles, manifests and reports of the model of a stack.

    Args:
        account: The account of the stack.
        stack: The stack, of one model.
    """

    def __init__(self, account: AwsAccount, stack: CurrentStack) -> None:
        self._account = account
        self._bucket = stack.outputs["ArtifactBucket"]
        self._model = stack.outputs["Models"]

    def manifest(self, version: str) -> Manifest | None:
        """Returns the manifest of a version; None if the bucket does not have it, or not its bundle.

        Raises:
            UnreadableAccountError: S3 refuses.
            BundleError: The manifest is not valid.
        """
        if not self._has(self._key(version, ARCHIVE)):
            return None
        found = self._account.read(
            "s3",
            "get_object",
            action="s3:GetObject",
            missing="NoSuchKey",
            Bucket=self._bucket,
            Key=self._key(version, MANIFEST),
        )
        return Manifest.decode(found["Body"].read()) if found else None

    def upload(self, archive: Archive) -> None:
        """Writes a bundle with its manifest, and the report of its training if it is beside it.

        A bundle that is there already is the same one, because its version follows from its content.

        Raises:
            UnreadableAccountError: S3 refuses.
        """
        manifest = archive.bundle.manifest
        for name, body in ((ARCHIVE, archive.path.read_bytes()), (MANIFEST, manifest.encode())):
            if not self._has(self._key(manifest.version, name)):
                self._put(self._key(manifest.version, name), body)
        report = find_report(archive, is_single=True)
        if isinstance(report, ModelReport):
            self._put(self._key(manifest.version, REPORT), report.text.encode())

    def _key(self, version: str, name: str) -> str:
        return f"{version_folder(self._model, version)}/{name}"

    def _has(self, key: str) -> bool:
        found = self._account.read(
            "s3", "head_object", action="s3:GetObject", missing="(404)", Bucket=self._bucket, Key=key
        )
        return found is not None

    def _put(self, key: str, body: bytes) -> None:
        self._account.change(
            "s3", "put_object", action="s3:PutObject", Bucket=self._bucket, Key=key, Body=body
        )
