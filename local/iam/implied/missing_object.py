"""s3:ListBucket of a missing object: S3 says that it is missing only to those who may list the bucket.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

from ministack.services import s3

LIST_BUCKET = "s3:ListBucket"

_OBJECT = "arn:aws:s3:::"


def bucket_to_list(action: str, resource: str) -> str | None:
    """Returns the ARN of the bucket that a caller must be allowed to list; None for an object that exists.

    Args:
        action: Such as s3:GetObject, which HeadObject needs too.
        resource: ARN of the object.
    """
    bucket, _, name = resource.removeprefix(_OBJECT).partition("/")
    if action != "s3:GetObject" or not name or bucket not in s3._buckets:
        return None
    return None if name in s3._buckets[bucket].get("objects", {}) else _OBJECT + bucket
