"""A transform job whose instance is the real serving program: 10,000 rows, some of them invalid."""

import csv
import io
import json
from pathlib import Path

import pytest

from local.local_aws import LocalAws
from local.processes import lifecycle
from tests.inherited_environ import inherited_environ
from tests.local.conftest import START_SECONDS
from tests.local.iam.roles import make_execution_roles
from tests.local.sagemaker.transform.conftest import Jobs, create_model
from tests.tiny_bundle import write_tiny_bundle

ROWS = 10_000
# One of a thousand; the first and the last row too.
BAD = {0: "no number", 9_999: "101", **dict.fromkeys(range(500, ROWS, 1_000), '5,"unclosed')}


@pytest.mark.slow
def test_bad_rows_of_a_whole_file_get_their_errors_and_every_other_row_its_prediction(
    wanted: LocalAws, tmp_path: Path
) -> None:
    # Given a file of 10,000 rows as CSV and as JSON Lines
    write_tiny_bundle(tmp_path / "model.tar.gz")
    aws = lifecycle.up(wanted, environ=inherited_environ(), timeout=START_SECONDS)
    make_execution_roles(aws)
    aws.client("s3").create_bucket(Bucket="scores")
    jobs = Jobs(aws, "scores", "tiny")
    jobs.put("model.tar.gz", (tmp_path / "model.tar.gz").read_bytes())
    create_model(aws, "tiny", "s3://scores/model.tar.gz")
    cells = [BAD.get(row, str(row % 3)) for row in range(ROWS)]
    jobs.put("csv/rows.csv", "\n".join(["size,count", *(f"{cell},1" for cell in cells)]).encode())
    rows = [json.dumps({"id": row, "row": {"size": row % 3}}) for row in range(ROWS)]
    rows[7_777] = '{"id":7777,"row":{"sise":1}}'
    jobs.put("lines/rows.jsonl", "\n".join(rows).encode())

    # When both are transformed, joined with their input
    table = jobs.run(
        prefix="csv/",
        output={"Accept": "text/csv"},
        Environment={"SERVING_TRANSFORM_OPTIONS": "on_error=skip&threshold=0.8"},
    )
    lines = jobs.run(
        prefix="lines/",
        source={"ContentType": "application/jsonlines"},
        output={"Accept": "application/jsonlines"},
        MaxPayloadInMB=1,
        MaxConcurrentTransforms=2,
        DataProcessing={"InputFilter": "$.row", "JoinSource": "Input"},
    )

    # Then every row has its line, in order
    assert (table["TransformJobStatus"], lines["TransformJobStatus"]) == ("Completed", "Completed")
    header, *found = csv.reader(io.StringIO(jobs.output("out/rows.csv.out").decode()))
    assert header == ["label", "probability", "error"]
    assert {row for row, (_, _, error) in enumerate(found) if error} == BAD.keys()
    assert [(label, round(float(value), 6)) for label, value, error in found if not error] == [
        (("no", 0.5), ("no", 0.731059), ("yes", 0.880797))[row % 3] for row in range(ROWS) if row not in BAD
    ]
    joined = jobs.answers("out/rows.jsonl.out")
    assert [record["id"] for record in joined] == [*range(ROWS)]
    assert [record["id"] for record in joined if "errors" in record["SageMakerOutput"]] == [7_777]
    assert "did you mean size" in joined[7_777]["SageMakerOutput"]["errors"][0]["rule"]
    # The container's own parameters, where the request has none
    assert "BatchStrategy=MULTI_RECORD" in jobs.log(table["TransformJobName"], data=True)[0]
