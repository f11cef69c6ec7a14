"""Amazon Athena: the expression runs in the AWS account."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import boto3
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.csv as pa_csv
from botocore.exceptions import BotoCoreError, ClientError
from ibis.backends.sql.compilers.athena import compiler

from training.aws_region import aws_region
from training.engines.athena_query import AthenaQueries
from training.engines.engine import RawFile
from training.engines.parquet_as_text import plain_text
from training.errors import TrainingError

_SERDE = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


class AthenaEngine:
    """Uploads files to a bucket and runs expressions on them as tables of a temporary Glue database.

    Args:
        bucket: S3 bucket for the tables and the results; both are deleted at the end.
    """

    def __init__(self, bucket: str) -> None:
        if not bucket:
            raise TrainingError("Athena needs an S3 bucket: name it with --bucket.")
        name = f"training_{uuid.uuid4().hex[:12]}"
        self._bucket, self._database, self._prefix = bucket, name, f"athena/{name}/"
        self._tables = 0

    def __enter__(self) -> Self:
        try:
            self._s3, self._glue, self._athena = (
                boto3.client(name, region_name=aws_region()) for name in ("s3", "glue", "athena")
            )
            self._s3.head_bucket(Bucket=self._bucket)
            self._glue.create_database(DatabaseInput={"Name": self._database})
        except (ClientError, BotoCoreError) as error:
            raise TrainingError(
                f"Athena cannot use the bucket {self._bucket} ({error}): check its name and your credentials."
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        # An error of the clean-up must not hide the error of the block.
        with suppress(ClientError, BotoCoreError):
            self._remove()

    def _remove(self) -> None:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        for key in [item["Key"] for page in pages for item in page.get("Contents", ())]:
            self._s3.delete_object(Bucket=self._bucket, Key=key)
        for number in range(self._tables):
            self._glue.delete_table(DatabaseName=self._database, Name=f"raw_{number}")
        self._glue.delete_database(Name=self._database)

    def read(self, file: RawFile) -> ir.Table:
        """Uploads the file and opens it as a table of strings.

        Raises:
            TrainingError: When the upload fails.
        """
        name = f"raw_{self._tables}"
        folder = f"{self._prefix}{name}/"
        try:
            with plain_text(file) as path:
                self._s3.upload_file(str(path), self._bucket, f"{folder}flights.csv")
            table = _table(name, file, f"s3://{self._bucket}/{folder}")
            self._glue.create_table(DatabaseName=self._database, TableInput=table)
        except (ClientError, BotoCoreError, boto3.exceptions.S3UploadFailedError) as error:
            raise TrainingError(
                f"{file.name} cannot be uploaded to the bucket {self._bucket} ({error})."
            ) from error
        self._tables += 1
        return ibis.table(dict.fromkeys(file.columns, "string"), name=name)

    def batches(self, expression: ir.Table, name: str) -> Iterator[pa.RecordBatch]:
        """Yields the rows of an expression over the file of that name.

        Raises:
            TrainingError: When Athena rejects the query, or the query fails.
        """
        schema = expression.schema().to_pyarrow()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.csv"
            try:
                query = compiler.to_sqlglot(expression).sql("athena")
                key = self._queries().run(query)
                self._s3.download_file(self._bucket, key, str(path))
            except (ClientError, BotoCoreError) as error:
                raise TrainingError(f"Athena cannot read {name}: {error}") from error
            options = pa_csv.ConvertOptions(column_types=schema, null_values=[""])
            with pa_csv.open_csv(path, convert_options=options) as rows:
                yield from rows

    def _queries(self) -> AthenaQueries:
        return AthenaQueries(
            athena=self._athena,
            s3=self._s3,
            bucket=self._bucket,
            folder=f"{self._prefix}results/",
            database=self._database,
        )


def _table(name: str, file: RawFile, location: str) -> dict[str, Any]:
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "classification": "csv", "skip.header.line.count": "1"},
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": "string"} for column in file.columns],
            "Location": location,
            "InputFormat": _INPUT,
            "OutputFormat": _OUTPUT,
            "SerdeInfo": {
                "SerializationLibrary": _SERDE,
                "Parameters": {"separatorChar": ",", "quoteChar": '"'},
            },
        },
    }
