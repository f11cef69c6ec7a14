"""Folder in S3 that the batch transform jobs of a stack may read and write."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.settings.parsers import S3_SCHEME


@dataclass(frozen=True, kw_only=True)
class FolderObject:
    """An object: its key and its size in bytes."""

    key: str
    size: int


class S3Folder:
    """A folder of a bucket.

    Args:
        account: The account of the stack.
        url: S3 URI of the folder, the stack's output ScoringFolder.

    Attributes:
        url: S3 URI of the folder.
        bucket: Its bucket.
    """

    def __init__(self, account: AwsAccount, url: str) -> None:
        self._account = account
        self.url = url
        self.bucket, _, self._prefix = url.removeprefix(S3_SCHEME).partition("/")

    def key_of(self, url: str) -> str:
        """Returns the key, or the prefix of keys, of an S3 URI in the folder.

        Raises:
            UnreadableAccountError: The URI is outside of the folder.
        """
        if not f"{url}/".startswith(f"{self.url}/"):
            raise UnreadableAccountError(
                f"{url} is not in {self.url}, the only folder that the role of the model may read: copy it "
                "there, or set scoring_data to its folder and deploy."
            )
        return url.removeprefix(f"{S3_SCHEME}{self.bucket}/")

    def key(self, *names: str) -> str:
        """Returns the key of an object of the folder."""
        return "/".join([self._prefix, *names])

    def url_of(self, key: str) -> str:
        """Returns the S3 URI of a key."""
        return f"{S3_SCHEME}{self.bucket}/{key}"

    def objects(self, prefix: str) -> Iterator[FolderObject]:
        """Yields the objects below a prefix; placeholders of folders are left out.

        Raises:
            UnreadableAccountError: S3 refuses.
        """
        more: dict[str, str] = {}
        while True:
            page = self._account.read(
                "s3", "list_objects_v2", action="s3:ListBucket", Bucket=self.bucket, Prefix=prefix, **more
            )
            for found in page.get("Contents", ()):
                if not found["Key"].endswith("/"):
                    yield FolderObject(key=found["Key"], size=found["Size"])
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def lines(self, key: str) -> Iterator[bytes]:
        """Yields the lines of an object, one after another.

        Raises:
            UnreadableAccountError: S3 refuses.
        """
        read = self._account.read("s3", "get_object", action="s3:GetObject", Bucket=self.bucket, Key=key)
        yield from read["Body"].iter_lines()

    def write(self, key: str, content: bytes) -> None:
        """Writes a small object.

        Raises:
            UnreadableAccountError: S3 refuses.
        """
        self._account.change(
            "s3", "put_object", action="s3:PutObject", Bucket=self.bucket, Key=key, Body=content
        )

    def upload(self, path: Path, key: str) -> None:
        """Uploads a file.

        Raises:
            UnreadableAccountError: S3 refuses.
        """
        self._account.change(
            "s3", "upload_file", action="s3:PutObject", Filename=str(path), Bucket=self.bucket, Key=key
        )
