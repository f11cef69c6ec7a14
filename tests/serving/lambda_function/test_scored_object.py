"""Objects that are scored: in ranges as in one piece; one that cannot be scored fails the run at its end."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

from bundle.scored_file_formats import FileError
from serving.lambda_function.s3 import S3RefusalError
from serving.lambda_function.scored_object import ListedObject, ObjectScorer, Run
from serving.predict.predictor import Predictor

IN, OUT = "scores/in/", "scores/out/"
RUN = Run(prefix=IN, output=OUT, bucket="rows")


class Objects:
    """S3 in memory: the objects of one bucket by their URI."""

    def __init__(self, **content: bytes) -> None:
        self.content = {f"s3://rows/{IN}{name.replace('_', '.')}": body for name, body in content.items()}

    def read_range(self, url: str, *, start: int, end: int, etag: str, seconds: float) -> bytes:  # noqa: ARG002
        return self.content[url][start:end]

    def write(self, url: str, body: bytes, *, media_type: str, seconds: float) -> None:  # noqa: ARG002
        self.content[url] = body

    def read(self, url: str, *, seconds: float) -> Any:  # noqa: ARG002
        return self

    def listed(self, name: str) -> ListedObject:
        return ListedObject(
            bucket="rows", key=f"{IN}{name}", size=len(self.content[f"s3://rows/{IN}{name}"]), etag='"1"'
        )


def scorer(predictor: Predictor, objects: Objects) -> ObjectScorer:
    return ObjectScorer(predictor, objects, RUN)  # type: ignore[arg-type]


def in_ranges(predictor: Predictor, objects: Objects, name: str, *, range_bytes: int) -> list[Any]:
    """What the calls of the state machine return for an object."""
    steps, stored = scorer(predictor, objects), objects.listed(name)
    return [steps.score(stored, part) for part in steps.split(stored, range_bytes=range_bytes)]


def finished(predictor: Predictor, objects: Objects, calls: list[Any], failures: Sequence[Any] = ()) -> Any:
    files = {"ResultFiles": {"SUCCEEDED": [{"Key": "calls"}], "FAILED": [{"Key": "failures"}], "PENDING": []}}
    lines = ["".join(f"{json.dumps(one)}\n" for one in some) for some in (calls, failures)]
    bodies = iter([json.dumps(files).encode(), *(some.encode() for some in lines)])
    objects.read = lambda url, *, seconds: type("Found", (), {"body": next(bodies)})  # type: ignore[method-assign] # noqa: ARG005
    return scorer(predictor, objects).finish("manifest")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_ranges_of_a_csv_have_the_rows_and_counts_of_the_whole(binary: Predictor, mark: bytes) -> None:
    # Given an object with a header that is longer than a range
    rows = "".join(f'{size},"line\n{size}"\r\n' for size in range(120))
    objects = Objects(Rows_CSV=mark + f"size,{'note' * 40}\r\n{rows}".encode())

    # When it is scored in ranges
    calls = in_ranges(binary, objects, "Rows.CSV", range_bytes=100)

    # Then the rows are those of the object, and the counts add up
    assert len(calls) > 5
    names = [f"s3://rows/{OUT}Rows.part-{part:05d}.CSV" for part in range(1, len(calls) + 1)]
    tables = [csv.DictReader(io.StringIO(objects.content[name].decode(), newline="")) for name in names]
    found = [row for table in tables for row in table]
    assert [row["size"] for row in found] == [str(size) for size in range(120)]
    assert [row["label"] == "" for row in found] == [size > 100 for size in range(120)]
    summary = finished(binary, objects, calls)
    assert (summary["objects"], summary["results"], summary["rows"]) == (1, len(calls), 120)
    assert (summary["predicted"], summary["refused"]) == (101, 19)
    assert json.loads(objects.content[f"s3://rows/{OUT}_SUCCESS"]) == summary


def test_a_compressed_object_that_is_larger_than_a_range_is_scored_in_one_piece(binary: Predictor) -> None:
    objects = Objects(a_csv_GZ=gzip.compress(b"size\n" + b"1\n" * 90, compresslevel=0))

    calls = in_ranges(binary, objects, "a.csv.GZ", range_bytes=50)

    assert finished(binary, objects, calls)["rows"] == 90
    assert objects.content[f"s3://rows/{OUT}a.csv"].count(b"yes") == 90


def test_objects_that_cannot_be_scored_fail_the_run_at_its_end_with_their_reasons(binary: Predictor) -> None:
    # Given a good object, one without a column that is larger than a range, and four of another format
    others = [f"{name}.txt" for name in "defg"]
    objects = Objects(a_csv=b"size\n1\n", c_csv=b"sise\n" + b"1\n" * 90, **dict.fromkeys("defg", b"1"))
    for name in others:
        objects.content[f"s3://rows/{IN}{name}"] = objects.content.pop(f"s3://rows/{IN}{name[0]}")

    # When all are scored
    calls = [
        call
        for name in ("a.csv", "c.csv", *others)
        for call in in_ranges(binary, objects, name, range_bytes=50)
    ]

    # Then the good one has a result, and the run fails with the first reasons
    assert f"s3://rows/{OUT}a.csv" in objects.content
    with pytest.raises(FileError) as failed:
        finished(binary, objects, calls)
    sentence = str(failed.value)
    assert sentence.startswith("scores/in/c.csv has no column 'size' (did you mean its column 'sise'?)")
    assert "scores/in/d.txt ends in none of .csv" in sentence
    assert sentence.endswith("And 2 more. The run has results of the other objects, 1, and no _SUCCESS.")
    assert f"s3://rows/{OUT}_SUCCESS" not in objects.content


def test_an_object_that_has_changed_fails_the_run_at_its_end_with_its_name(binary: Predictor) -> None:
    # Given an object in one piece, one in ranges, and S3, which refuses both
    objects = Objects(a_csv=b"size\n1\n", b_csv=b"size\n" + b"1\n" * 90)

    def refuse(*_: Any, **__: Any) -> bytes:
        raise S3RefusalError("it has changed since it was listed (S3 answers 412 PreconditionFailed)")

    objects.read_range = refuse  # type: ignore[method-assign]

    # When they are scored
    calls = [call for name in ("a.csv", "b.csv") for call in in_ranges(binary, objects, name, range_bytes=50)]

    # Then the run fails at its end with both names
    with pytest.raises(FileError, match=r"scores/in/a\.csv cannot be read: it has changed since") as failed:
        finished(binary, objects, calls)
    assert "scores/in/b.csv cannot be read: it has changed since" in str(failed.value)


def test_a_run_begins_with_a_mark_that_needs_the_permission_to_write(binary: Predictor) -> None:
    objects = Objects()

    assert scorer(binary, objects).begin() == {"version": binary.version}
    assert [*objects.content] == [f"s3://rows/{OUT}_parts/_begun"]

    def refuse(*_: Any, **__: Any) -> None:
        raise S3RefusalError("a policy of the role or of the bucket does not allow s3:PutObject")

    objects.write = refuse  # type: ignore[method-assign]
    with pytest.raises(FileError, match="_parts/_begun cannot be written: a policy of the role or of the"):
        scorer(binary, objects).begin()


def test_a_result_that_s3_refuses_fails_the_run_at_its_end_with_its_name(binary: Predictor) -> None:
    objects = Objects(a_csv=b"size\n1\n")

    def refuse(*_: Any, **__: Any) -> None:
        raise S3RefusalError("access is denied, or there is no such object (S3 answers 403 AccessDenied)")

    objects.write = refuse  # type: ignore[method-assign]
    calls = in_ranges(binary, objects, "a.csv", range_bytes=1_000)

    with pytest.raises(FileError) as failed:
        finished(binary, objects, calls)
    assert str(failed.value).startswith(
        f"The result s3://rows/{OUT}a.csv cannot be written: access is denied"
    )


@pytest.mark.parametrize(
    ("error", "cause", "sentence"),
    [
        (
            "S3Error",
            json.dumps({"errorMessage": "S3 is busy"}),
            "a.csv could not be scored: S3 is busy.",
        ),
        ("FileError", json.dumps({"errorMessage": "in/a.csv is wrong."}), "in/a.csv is wrong."),
        ("Lambda.Unknown", "Out of memory.", "in/a.csv could not be scored: Lambda.Unknown Out of memory."),
    ],
)
def test_an_execution_that_failed_fails_the_run_with_its_object_and_cause(
    binary: Predictor, error: str, cause: str, sentence: str
) -> None:
    objects = Objects(a_csv=b"size\n1\n")
    [call] = in_ranges(binary, objects, "a.csv", range_bytes=50)
    # https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
    failure = {"Status": "FAILED", "Error": error, "Cause": cause, "Input": json.dumps({"key": "in/a.csv"})}

    with pytest.raises(FileError) as failed:
        finished(binary, objects, [call], [failure])

    assert sentence in str(failed.value)
    assert f"s3://rows/{OUT}_SUCCESS" not in objects.content


def test_a_run_without_an_object_is_no_success(binary: Predictor) -> None:
    objects = Objects(_hidden_csv=b"size\n1\n")
    hidden = ListedObject(bucket="rows", key=f"{IN}_hidden.csv", size=7, etag='"1"')
    calls = [scorer(binary, objects).score(hidden, None)]

    with pytest.raises(FileError, match="There is no file to score at scores/in/"):
        finished(binary, objects, calls)


@pytest.mark.parametrize("range_bytes", [10, 1_000])
def test_an_object_whose_results_would_have_a_longer_name_than_s3_takes_is_a_problem(
    binary: Predictor, range_bytes: int
) -> None:
    # "ü" has two bytes.
    name = f"{'ü' * 500}.csv"
    objects = Objects(**{name.replace(".", "_"): b"size\n1\n2\n3\n4\n5\n"})

    calls = in_ranges(binary, objects, name, range_bytes=range_bytes)

    [problem] = [call["problem"] for call in calls]
    size = len(f"{OUT}_refused/{name}.part-00001.csv".encode())
    assert f"is too long by {size - 1_024} bytes for the names of its results: rename it, or" in problem
    assert [*objects.content] == [f"s3://rows/{IN}{name}"]


@pytest.mark.parametrize("range_bytes", [10, 1_000])
def test_after_a_change_of_the_model_no_object_is_read_and_the_reason_is_said_once(
    binary: Predictor, range_bytes: int
) -> None:
    # Given a run with the result of one object
    objects = Objects(a_csv=b"size\n1\n", b_csv=b"size\n1\n2\n3\n", c_csv=b"size\n1\n2\n3\n")
    calls = in_ranges(binary, objects, "a.csv", range_bytes=1_000)

    # When another version serves
    later = ObjectScorer(binary, objects, RUN, obstacle="The model has changed.")  # type: ignore[arg-type]
    objects.read_range = lambda *_, **__: pytest.fail("an object is read")  # type: ignore[method-assign]
    for stored in (objects.listed("b.csv"), objects.listed("c.csv")):
        parts = later.split(stored, range_bytes=range_bytes) if range_bytes < stored.size else [None]
        calls += [later.score(stored, part) for part in parts]

    # Then the others have none, and the run fails at once with the reason
    assert len(calls) == 3
    assert f"s3://rows/{OUT}b.csv" not in objects.content
    with pytest.raises(FileError) as raised:
        finished(binary, objects, calls)
    assert str(raised.value) == (
        "The model has changed. The run has results of the other objects, 1, and no _SUCCESS."
    )


def test_results_of_two_versions_fail_the_run_and_name_both(binary: Predictor) -> None:
    objects = Objects(a_csv=b"size\n1\n", b_csv=b"size\n1\n")
    first, second = (in_ranges(binary, objects, name, range_bytes=1_000) for name in ("a.csv", "b.csv"))
    of_other = [{**call, "version": "0" * 12} for call in second]

    with pytest.raises(FileError) as raised:
        finished(binary, objects, [*first, *of_other])

    assert f"during the run ({'0' * 12}, {binary.version})" in str(raised.value)
    assert f"s3://rows/{OUT}_SUCCESS" not in objects.content


def test_a_release_after_the_last_result_fails_no_run(binary: Predictor) -> None:
    objects = Objects(a_csv=b"size\n1\n")
    calls = [{**call, "version": "0" * 12} for call in in_ranges(binary, objects, "a.csv", range_bytes=1_000)]

    summary = finished(binary, objects, calls)

    assert summary["version"] == "0" * 12
    assert json.loads(objects.content[f"s3://rows/{OUT}_SUCCESS"]) == summary
