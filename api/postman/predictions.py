"""Requests of the collection that get predictions: every form of body and every parameter."""

import json

from api.model_paths import ApiModel, JsonObject
from api.openapi.examples import Example, csv_of, examples
from api.postman.invalid_row import row_with_unknown_field
from api.postman.request import CSV_CONTENT, JSON_CONTENT, request
from api.postman.scripts import check, predicts, status_is


def prediction_requests(model: ApiModel) -> list[JsonObject]:
    """Returns the requests for a model; they depend on its task."""
    task = model.manifest.task
    return [
        *(_shape(example, model) for example in examples(model.manifest)),
        _csv_without_header(model),
        _csv_answer(model),
        _skip(model),
        *([] if task == "regression" else [_probabilities(model)]),
        *([_threshold(model)] if task == "binary" else []),
    ]


def _shape(example: Example, model: ApiModel) -> JsonObject:
    return request(
        f"{example.summary} ({'CSV' if example.media_type == CSV_CONTENT else example.name})",
        "POST",
        model.path,
        headers={"Content-Type": example.media_type},
        body=example.body,
        tests=predicts([golden.prediction for golden in example.golden], version=model.manifest.version),
    )


def _csv_without_header(model: ApiModel) -> JsonObject:
    [golden, *_] = model.manifest.golden
    _, line = csv_of(model.manifest.fields, [golden.instance]).split("\n", 1)
    return request(
        "CSV without a header line",
        "POST",
        model.path,
        headers={"Content-Type": f"{CSV_CONTENT}; header=absent"},
        body=line,
        tests=predicts([golden.prediction], version=model.manifest.version),
    )


def _csv_answer(model: ApiModel) -> JsonObject:
    rows = [golden.instance for golden in model.manifest.golden]
    column = "value" if model.manifest.task == "regression" else "label"
    return request(
        "CSV in, CSV out",
        "POST",
        model.path,
        headers={"Content-Type": f"{CSV_CONTENT}; header=present", "Accept": CSV_CONTENT},
        body=csv_of(model.manifest.fields, rows),
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


def _skip(model: ApiModel) -> JsonObject:
    row = model.manifest.golden[0].instance
    return request(
        "Skip invalid rows",
        "POST",
        model.path,
        about="The second row is invalid: the response has its errors in place of a prediction.",
        query={"on_error": "skip"},
        headers={"Content-Type": JSON_CONTENT},
        body={"instances": [row, row_with_unknown_field(model.manifest), row]},
        tests=[
            *status_is(200),
            *check(
                "the invalid row has its errors, the others have predictions",
                "const rows = pm.response.json().predictions;",
                'pm.expect(rows.map((row) => "errors" in row)).to.eql([false, true, false]);',
                'pm.expect(rows[1].errors[0]).to.have.all.keys("field", "rule");',
            ),
        ],
    )


def _probabilities(model: ApiModel) -> JsonObject:
    labels = len(model.manifest.labels)
    return request(
        "Every label's probability",
        "POST",
        model.path,
        query={"probabilities": "true"},
        headers={"Content-Type": JSON_CONTENT},
        body=model.manifest.golden[0].instance,
        tests=[
            *status_is(200),
            *check(
                "every label has a probability, and their sum is 1",
                "const found = Object.values(pm.response.json().predictions[0].probabilities);",
                f"pm.expect(found.length).to.equal({labels});",
                "pm.expect(found.reduce((sum, p) => sum + p, 0)).to.be.closeTo(1, 1e-3);",
            ),
        ],
    )


def _threshold(model: ApiModel) -> JsonObject:
    return request(
        "Another threshold",
        "POST",
        model.path,
        about=f"With the threshold 0 every row gets the label {model.manifest.positive_label}.",
        query={"threshold": "0"},
        headers={"Content-Type": JSON_CONTENT},
        body={"instances": [golden.instance for golden in model.manifest.golden]},
        tests=[
            *status_is(200),
            f"const positive = {json.dumps(model.manifest.positive_label)};",
            *check(
                "every row gets the positive label",
                "pm.response.json().predictions.forEach((row) => pm.expect(row.label).to.equal(positive));",
            ),
        ],
    )
