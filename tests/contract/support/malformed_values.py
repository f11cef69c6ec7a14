"""Values, texts, headers and queries that are invalid, or nearly, for the generator of malformed requests."""

from tests.tiny_bundle import FIELDS

NAMES = [field.name for field in FIELDS]
ODD_NAMES = ["sise", "instances", "values", "data", "", "__proto__", "\0", "\ud800", "\u00e9"]

NUMBERS = [0, 1, 3.5, 100, 101, -1, 2.5]
WORDS = ["", "ant", "ANT", "17:45", "24:00", "2024-02-29", "2023-02-29"]
TEXTS = ["\0", "\ud800", "\udfff\ud800", "\ufeff", "\u2028", "\u00e9", "a" * 30_000, "=1+1", "\r\n", '"']
HUGE = ["9" * 5_000, "-" + "9" * 400, "1e400", "-1e999", "1" + "0" * 400 + ".5", "0." + "0" * 5_000, "1e-999"]
NO_NUMBERS = [
    "NaN",
    "Infinity",
    "-Infinity",
    "nan",
    "inf",
    "+1",
    "01",
    ".5",
    "0x10",
    "1_000",
    "1.",
    "--1",
    "1e",
    "null",
]
CELLS = ["1", "ant", "17:45", "2024-02-29", "", '"a"', '"a""b"', '""', "x" * 300]
BROKEN_CELLS = ['"', "\0", "\ud800", '"a"b', "\r"]
BYTES = [b"\0", b"\xff", b'"', b"\\", b"{", b"]", b",", b"\\ud800", b"1", b"\xf0\x9f", b":", b"e"]
ENCODINGS = ["utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "utf-7", "cp500"]

QUERIES = [
    "on_error=skip",
    "on_error=refuse",
    "probabilities=true",
    "threshold=0.4",
    "threshold=0&on_error=skip",
    "on_error=",
    "on_eror=skip",
    "threshold=2",
    "threshold=nan",
    "threshold=1e999",
    "threshold=0.4&threshold=0.5",
    "%",
    "%00",
    "%ff%fe",
    "&&&",
    "=",
    "probabilities",
    "a%3Db=c",
]
CONTENT_TYPES = (
    """
text/csv|text/csv; header=present|text/csv; header=absent|application/json; charset=utf-8|application/json
text/csv; header=perhaps|application/json; charset=utf-16|text/plain||;;;|\xff|multipart/form-data; boundary=x
""".strip()
    .replace("\n", "|")
    .split("|")
)
HEADERS = [
    *[
        "accept: text/csv",
        "accept: text/csv; header=absent",
        "accept: */*;q=0",
        "accept: ,,;q",
        "accept: \xff/*",
    ],
    *[
        "content-encoding: gzip",
        "content-encoding: identity",
        "content-encoding: \xff",
        "accept: " + "a/b," * 500,
    ],
    *[
        "expect: nothing",
        "range: bytes=0-1",
        "cookie: " + "c" * 3_000,
        "x-amzn-sagemaker-custom-attributes: \xfe=%%",
    ],
]
