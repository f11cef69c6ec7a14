"""A user's own rows: a local or remote CSV file with the columns of the public files."""

import gzip
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundle import Field
from training.data.csv_table import sample_or_table
from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.data.download import local_file
from training.errors import TrainingError
from training.model_catalog import load_model

FIELDS = (
    Field(name="Day Mins", type="number", minimum=0, from_text=True, example="1"),
    Field(name="Int'l Plan", type="string", values=("no", "yes"), example="no"),
    Field(name="text", type="text", max_length=20, required=False, example="a"),
    Field(name="on", type="date", required=False, example="2024-02-29"),
    Field(name="Phone", type="string", required=False, ignored=True, example="1"),
)
READ = sample_or_table(
    lambda: Dataset(name="the sample", columns={}, target=np.zeros(1)),
    fields=FIELDS,
    columns={"text": "comment"},
    target="Churn?",
    labels={"False.": 0, "True.": 1},
)
HEADER = "Churn?,comment,Int'l Plan,Phone,Day Mins,on,more\n"
ROWS = 'False.,"so, so ä",no,1-2,265.100000,2024-02-29,x\nTrue.,,yes,3-4, 0 ,,y\n'
CSV = (HEADER + ROWS).encode()


def read(source: Path | str, **request: Any) -> Dataset:
    return READ(DataOptions(source=str(source), **request))


def refusal(tmp_path: Path, content: bytes | str) -> str:
    path = tmp_path / "own.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(TrainingError) as refused:
        read(path)
    return str(refused.value).replace(str(path), "own.csv")


def assert_both_rows(dataset: Dataset) -> None:
    assert dataset.columns["Day Mins"].tolist() == [265.1, 0.0]
    assert dataset.columns["Int'l Plan"].tolist() == ["no", "yes"]
    assert dataset.columns["text"].tolist() == ["so, so ä", None]
    assert [str(day) for day in dataset.columns["on"]] == ["2024-02-29", "NaT"]
    assert dataset.target.tolist() == [0, 1]
    assert "Phone" not in dataset.columns


def test_plain_gzip_and_zip_files_are_read(tmp_path: Path) -> None:
    plain, gzipped, zipped = (tmp_path / name for name in ("own.csv", "own.csv.gz", "own.zip"))
    plain.write_bytes(CSV)
    gzipped.write_bytes(gzip.compress(CSV))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("own.csv", CSV)

    for path in (plain, gzipped, zipped):
        assert_both_rows(read(path))
        assert read(path).name == str(path)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + CSV,
        CSV.decode().encode("utf-16"),
        CSV.decode().encode("utf-16-le"),
        CSV.replace(b'"so, so \xc3\xa4"', b"so~ so \xc3\xa4").replace(b",", b";").replace(b"~", b","),
        CSV.replace(b'"so, so \xc3\xa4"', b"so~ so \xc3\xa4").replace(b",", b"\t").replace(b"~", b","),
        b"sep=,\n" + CSV,
        CSV.replace(b"265.100000", b'"265,1"'),
    ],
    ids=["mark", "UTF-16", "UTF-16 without mark", "semicolons", "tabs", "sep", "decimal comma"],
)
def test_other_encodings_delimiters_and_decimal_commas_are_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "own.csv").write_bytes(content)

    assert_both_rows(read(tmp_path / "own.csv"))


def test_a_point_separates_thousands_where_the_decimals_have_commas(tmp_path: Path) -> None:
    rows = 'False.,,no,,"1.234,5",,\nTrue.,,no,,1.234,,\nTrue.,,no,,"0,25",,\n'
    (tmp_path / "own.csv").write_text(HEADER + rows)

    assert read(tmp_path / "own.csv").columns["Day Mins"].tolist() == [1234.5, 1234.0, 0.25]


def test_the_source_sample_is_the_sample() -> None:
    assert read("sample").name == "the sample"


def test_rows_without_a_required_value_or_with_a_too_long_text_are_dropped_and_counted(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEADER + ROWS + "True.,,yes,,,,\nTrue.,,,,,,\n" + f"True.,{'x' * 21},yes,,1,,\n")

    dataset = read(path)

    assert_both_rows(dataset)
    assert dataset.dropped == {"no Day Mins": 2, "comment too long": 1}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "own.csv is empty: it needs a header and rows."),
        (HEADER, "own.csv has no rows below its header."),
        (
            CSV.replace(b"comment", b"other"),
            "own.csv has no column 'comment': its header must name Day Mins, Int'l",
        ),
        ("<html>no such page</html>\n", "own.csv has no column 'Day Mins'"),
        (CSV.replace(b"265.1", b"265,1"), "own.csv has rows of more cells than its header."),
        (CSV.replace(b"yes", b"yes,no"), "own.csv cannot be read as a CSV file ("),
        (
            CSV.replace(b"265.1", b"1_0"),
            "own.csv, row 1 below the header: '1_000000' is wrong in column 'Day Mins' (",
        ),
        (
            CSV.replace(b" 0 ", b"-1"),
            "own.csv, row 2 below the header: '-1' is wrong in column 'Day Mins' (Expected",
        ),
        (CSV.replace(b"yes", b"YES"), "row 2 below the header: 'YES' is wrong in column \"Int'l Plan\" ("),
        (CSV.replace(b"02-29", b"02-30"), "'2024-02-30' is wrong in column 'on' ("),
        (CSV.replace(b"True.", b"1"), "'1' is wrong in column 'Churn?' (the labels are False., True.)."),
        (
            CSV.replace("ä".encode(), b"\xe4"),
            "own.csv cannot be read as a CSV file (its text is neither UTF-8 nor UTF-16): save it as UTF-8.",
        ),
        (
            CSV.replace(b"265.100000", b'"1,234"'),
            "own.csv has '1,234' in column Day Mins, where the comma may separate thousands or decimals",
        ),
        (
            CSV.replace(b"265.100000", b'"1,234.5"'),
            "own.csv, row 1 below the header: '1,234.5' is wrong in column 'Day Mins'",
        ),
        (HEADER + "True.,,yes,,,,\n", "own.csv has no row with a value in every required column."),
    ],
)
def test_an_invalid_file_is_refused_with_the_names_of_file_and_column(
    tmp_path: Path, content: bytes | str, sentence: str
) -> None:
    assert sentence in refusal(tmp_path, content)


@pytest.mark.parametrize("name", ["own.csv", "own.csv.gz", "own.zip"])
def test_a_missing_or_damaged_file_is_reported(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrainingError, match=r"cannot be read as a CSV file \(.*No such file"):
        read(tmp_path / name)
    (tmp_path / name).write_bytes(gzip.compress(CSV)[:-20])

    with pytest.raises(TrainingError, match=f"{name} cannot be read as a CSV file|has no column"):
        read(tmp_path / name)


class Site(BaseHTTPRequestHandler):
    """Serves one file without errors, and others with redirects, errors and truncated content."""

    requested_paths: list[str] = []  # noqa: RUF012  # the fixture clears it

    def do_GET(self) -> None:
        self.requested_paths.append(self.path)
        match self.path.partition("?")[0]:
            case "/own.csv":
                self.answer(200, CSV)
            case "/moved.csv":
                self.answer(302, b"", ("location", "/own.csv"))
            case "/flaky.csv" if self.requested_paths.count(self.path) < 3:
                self.answer(503, b"later")
            case "/flaky.csv":
                self.answer(200, CSV)
            case "/short.csv":
                self.answer(200, CSV, ("content-length", str(len(CSV) + 10)))
            case _:
                self.answer(404, b"no such file")

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers or [("content-length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Writes no log."""


@pytest.fixture
def site() -> Iterator[str]:
    Site.requested_paths.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_remote_file_is_downloaded_once(site: str, tmp_path: Path) -> None:
    for name in ("own.csv", "own.csv", "moved.csv", "flaky.csv?token=1"):
        assert_both_rows(read(f"{site}/{name}", cache=tmp_path))

    assert Site.requested_paths == ["/own.csv", "/moved.csv", "/own.csv", *["/flaky.csv?token=1"] * 3]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("none.csv", "answered 404 Not Found: check the address"), ("short.csv", "cannot be downloaded (")],
)
def test_a_failed_download_is_refused_and_leaves_no_file(
    site: str, tmp_path: Path, name: str, sentence: str
) -> None:
    with pytest.raises(TrainingError) as refused:
        read(f"{site}/{name}", cache=tmp_path)

    assert f"{site}/{name}" in str(refused.value)
    assert sentence in str(refused.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_too_large_file_is_not_downloaded(site: str, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="more than 10 bytes, the most that is downloaded"):
        local_file(DataOptions(source=f"{site}/own.csv", cache=tmp_path), most=10)


def test_an_unreachable_site_is_reported(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"cannot be downloaded \(.*give its path"):
        read("http://127.0.0.1:1/own.csv", cache=tmp_path)


PUBLIC = {
    "churn": (
        "State,Account Length,Area Code,Phone,Int'l Plan,VMail Plan,VMail Message,"
        "Day Mins,Day Calls,Day Charge,Eve Mins,Eve Calls,Eve Charge,"
        "Night Mins,Night Calls,Night Charge,Intl Mins,Intl Calls,Intl Charge,CustServ Calls,Churn?\n"
        "PA,163,806,403-2562,no,yes,300,8.162204,3,7.579174,3.933035,4,6.508639,4.065759,100,5.111624,"
        "4.92816,6,5.673203,3,True.\n"
        "KS,128,415,382-4657,no,yes,25,265.1,110,45.07,197.4,99,16.78,244.7,91,11.01,10,3,2.7,1,False.\n"
    ),
    "reviews": 'review,sentiment\n"A wonderful film.<br /><br />See it, señor.",positive\nNo.,negative\n',
}


@pytest.mark.parametrize("name", PUBLIC)
def test_the_columns_of_the_public_files_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(PUBLIC[name])
    model = load_model(name)

    dataset = model.read(DataOptions(source=str(path)))

    assert dataset.target.tolist() == [1, 0]
    assert set(dataset.columns) == {field.name for field in model.fields if not field.ignored}
    assert all(len(values) == 2 for values in dataset.columns.values())
