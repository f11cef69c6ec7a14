"""Requests that are answered with predictions: every shape, every parameter."""

import json
from typing import Any

from api.examples import Example, csv_of, examples
from api.postman.request import CSV, JSON, request
from api.postman.scripts import check, predicts, status_is
from api.postman.wrong import wrong_row
from bundle import Manifest

Json = dict[str, Any]


def prediction_requests(manifest: Manifest) -> list[Json]:
    """Those that a model of this task answers."""
    return [
        *(_shape(example, manifest) for example in examples(manifest)),
        _csv_without_header(manifest),
        _csv_answer(manifest),
        _skip(manifest),
        *([] if manifest.task == "regression" else [_probabilities(manifest)]),
        *([_threshold(manifest)] if manifest.task == "binary" else []),
    ]


def _shape(example: Example, manifest: Manifest) -> Json:
    return request(
        f"{example.summary} ({'CSV' if example.media_type == CSV else example.name})",
        "POST",
        "/predict",
        headers={"Content-Type": example.media_type},
        body=example.body,
        tests=predicts([golden.prediction for golden in example.golden], version=manifest.version),
    )


def _csv_without_header(manifest: Manifest) -> Json:
    [golden, *_] = manifest.golden
    _, line = csv_of(manifest.fields, [golden.instance]).split("\n", 1)
    return request(
        "CSV without a header line",
        "POST",
        "/predict",
        headers={"Content-Type": f"{CSV}; header=absent"},
        body=line,
        tests=predicts([golden.prediction], version=manifest.version),
    )


def _csv_answer(manifest: Manifest) -> Json:
    rows = [golden.instance for golden in manifest.golden]
    column = "value" if manifest.task == "regression" else "label"
    return request(
        "CSV in, CSV out",
        "POST",
        "/predict",
        headers={"Content-Type": f"{CSV}; header=present", "Accept": CSV},
        body=csv_of(manifest.fields, rows),
        tests=[
            *status_is(200),
            *check(
                "a header line, and a line for every row",
                'pm.expect(pm.response.headers.get("content-type")).to.match(/^text\\/csv/);',
                "const lines = pm.response.text().trim().split(/\\r?\\n/);",
                f"pm.expect(lines.length).to.equal({1 + len(rows)});",
                f'pm.expect(lines[0].split(",")[0]).to.equal("{column}");',
            ),
        ],
    )


def _skip(manifest: Manifest) -> Json:
    row = manifest.golden[0].instance
    return request(
        "Skip what is wrong",
        "POST",
        "/predict",
        about="The second row is wrong: its errors stand in its place.",
        query={"on_error": "skip"},
        headers={"Content-Type": JSON},
        body={"instances": [row, wrong_row(manifest), row]},
        tests=[
            *status_is(200),
            *check(
                "the wrong row carries its errors, the others their predictions",
                "const rows = pm.response.json().predictions;",
                'pm.expect(rows.map((row) => "errors" in row)).to.eql([false, true, false]);',
                'pm.expect(rows[1].errors[0]).to.have.all.keys("field", "rule");',
            ),
        ],
    )


def _probabilities(manifest: Manifest) -> Json:
    labels = len(manifest.labels)
    return request(
        "Every label's probability",
        "POST",
        "/predict",
        query={"probabilities": "true"},
        headers={"Content-Type": JSON},
        body=manifest.golden[0].instance,
        tests=[
            *status_is(200),
            *check(
                "there is one for every label, and they add up to 1",
                "const found = Object.values(pm.response.json().predictions[0].probabilities);",
                f"pm.expect(found.length).to.equal({labels});",
                "pm.expect(found.reduce((sum, p) => sum + p, 0)).to.be.closeTo(1, 1e-3);",
            ),
        ],
    )


def _threshold(manifest: Manifest) -> Json:
    return request(
        "Another threshold",
        "POST",
        "/predict",
        about=f"From a probability of 0 every row is {manifest.positive_label}.",
        query={"threshold": "0"},
        headers={"Content-Type": JSON},
        body={"instances": [golden.instance for golden in manifest.golden]},
        tests=[
            *status_is(200),
            f"const positive = {json.dumps(manifest.positive_label)};",
            *check(
                "every row gets the positive label",
                "pm.response.json().predictions.forEach((row) => pm.expect(row.label).to.equal(positive));",
            ),
        ],
    )
