"""Input of a job: the objects of a prefix or of a manifest, and where the outputs of a transform job go.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformS3DataSource.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformOutput.html
"""

import gzip
import json
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class InputError(Exception):
    """The input of a job cannot be found or read; the message says why."""


@dataclass(frozen=True, kw_only=True)
class InputObject:
    """An S3 object.

    Attributes:
        bucket: Its bucket.
        key: Its key.
        path: Its path relative to the prefix of the input.
    """

    bucket: str
    key: str
    path: str

    def download(self, s3: Any, target: Path, *, compression: str) -> None:
        """Downloads it, and decompresses it if it is compressed.

        Raises:
            InputError: It is not compressed as the job says.
            ClientError: S3 refuses the request.
        """
        s3.download_file(self.bucket, self.key, str(target))
        if compression != "Gzip":
            return
        packed = target.with_suffix(".gz")
        target.rename(packed)
        try:
            with gzip.open(packed) as source, target.open("wb") as unpacked:
                shutil.copyfileobj(source, unpacked)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"Failed to decompress data as Gzip: {error}") from None
        finally:
            packed.unlink()

    def upload_output(self, s3: Any, source: Path, output: Mapping[str, Any]) -> None:
        """Uploads its output under the job's S3OutputPath, encrypted by the KMS key of the job if it has one.

        Raises:
            ClientError: S3 refuses the request.
        """
        bucket, prefix = split_s3_uri(output["S3OutputPath"])
        key = "/".join(filter(None, [prefix.rstrip("/"), f"{self.path}.out"]))
        encryption = (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": output["KmsKeyId"]}
            if output.get("KmsKeyId")
            else {}
        )
        with source.open("rb") as content:
            s3.upload_fileobj(content, bucket, key, ExtraArgs=encryption)


def input_objects(source: Mapping[str, str], s3: Any) -> list[InputObject]:
    """Returns the objects of an S3DataSource, in the order of their keys or of the manifest.

    Raises:
        InputError: There is none, or the manifest is malformed.
        ClientError: S3 refuses a request.
    """
    url = source["S3Uri"]
    bucket, prefix = split_s3_uri(url)
    if source["S3DataType"] == "ManifestFile":
        found = _listed(s3.get_object(Bucket=bucket, Key=prefix)["Body"].read(), url)
    else:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        found = [
            InputObject(bucket=bucket, key=key, path=relative_path(key, prefix))
            for key in keys
            if not key.endswith("/")
        ]
    if not found:
        raise InputError(f"No S3 objects found under S3 URL {url!r} given in input data source.")
    return found


def split_s3_uri(uri: str) -> tuple[str, str]:
    """Splits an S3 URI into bucket and key, which may have ? and #."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key.lstrip("/")


def relative_path(key: str, prefix: str) -> str:
    """Returns an object's path in its channel: relative to the prefix, or to the prefix's folder."""
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    return key.removeprefix(folder if key.startswith(folder) else prefix.rpartition("/")[0]).lstrip("/")


def _listed(content: bytes, url: str) -> list[InputObject]:
    try:
        head, *names = json.loads(content)
        bucket, prefix = split_s3_uri(head["prefix"])
        return [InputObject(bucket=bucket, key=f"{prefix}{name}", path=name.lstrip("/")) for name in names]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(
            f'The manifest {url} is not a JSON array of {{"prefix": "s3://..."}} and the relative keys.'
        ) from None
