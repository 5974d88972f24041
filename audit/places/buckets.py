"""A bucket of S3 or its like: best one with versions, object lock, and keys of its own.

Address and keys are the environment's (AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, ...), as botocore has it.
"""

from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from audit.places.naming import Place
from audit.places.parcel import NotPublished, Parcel
from audit.places.shelves import keep

PATIENCE = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
MISSING = ("NoSuchKey", "404")
THERE = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


def put(place: Place, parcel: Parcel) -> bytes:
    """Keeps a checkpoint in the bucket; raises NotPublished."""
    parts = urlsplit(place.url)
    try:
        keep(Bucket(parts.netloc, parts.path.strip("/")), parcel)
    except ClientError as error:
        raise NotPublished(f"the bucket does not take it: {code_of(error)}") from error
    except BotoCoreError as error:  # its text may quote addresses and keys
        raise NotPublished(f"the bucket can't be reached: {type(error).__name__}") from error
    return b""


class Bucket:
    """The objects of a bucket under a prefix."""

    def __init__(self, bucket: str, prefix: str) -> None:
        """Calls nobody yet."""
        self.client: Any = boto3.client("s3", config=PATIENCE)
        self.bucket, self.prefix = bucket, f"{prefix}/" if prefix else ""

    def read(self, name: str) -> bytes | None:
        """An object, None where there is none."""
        try:
            found = self.client.get_object(**self.named(name))
        except ClientError as error:
            if code_of(error) in MISSING:
                return None
            raise
        content: bytes = found["Body"].read()
        return content

    def add(self, name: str, content: bytes) -> bool:
        """Adds an object; False where there is one of that name already.

        Asked first, too: not every store of this kind knows the condition.
        """
        if self.read(name) is not None:
            return False
        try:
            self.write(name, content, IfNoneMatch="*")
        except ClientError as error:
            if code_of(error) in THERE:
                return False
            raise
        return True

    def replace(self, name: str, content: bytes) -> None:
        """Puts an object in the place of the one that may be there."""
        self.write(name, content)

    def write(self, name: str, content: bytes, **condition: str) -> None:
        """Writes an object, on a condition."""
        self.client.put_object(
            **self.named(name), Body=content, ContentType="text/plain; charset=utf-8", **condition
        )

    def named(self, name: str) -> dict[str, str]:
        """An object's full name."""
        return {"Bucket": self.bucket, "Key": self.prefix + name}


def code_of(error: ClientError) -> str:
    """The code of S3's refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))
