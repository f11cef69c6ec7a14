"""Code of a function whose zip is made when the CDK CLI publishes the assets of the stack."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct


class PublishedZip(lambda_.Code):
    """Code as an object in the bucket of the CDK's assets.

    Synth only writes the command down, so it needs no network. The CLI runs it in the folder of cdk.json,
    unless the bucket has the object already:
    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.FileAssetSource.html#executable
    """

    def __init__(self, *, command: Sequence[str], digest: str) -> None:
        """Keeps the arguments until the code is bound to a function.

        Args:
            command: Program with its arguments; it makes the zip and prints its path.
            digest: Digest of what the zip is made from, which names the object.
        """
        super().__init__()
        self._command = list(command)
        self._digest = digest

    @property
    def is_inline(self) -> bool:
        """Whether the template has the code: never."""
        return False

    def bind(self, scope: Construct) -> lambda_.CodeConfig:
        """Adds the asset to the stack of `scope`."""
        synthesizer = Stack.of(scope).synthesizer
        location = synthesizer.add_file_asset(source_hash=self._digest, executable=self._command)
        return lambda_.CodeConfig(
            s3_location=s3.Location(bucket_name=location.bucket_name, object_key=location.object_key)
        )
