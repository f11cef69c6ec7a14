"""Requests of the collection that get predictions: every form of body and every parameter."""

import json

from api.model_url_paths import ApiModel, JsonObject
from api.openapi.examples import Example, csv_of, examples
from api.postman.invalid_row import row_with_unknown_field
from api.postman.request import CSV_CONTENT, JSON_CONTENT, JSON_LINES_CONTENT, request
from api.postman.scripts import check, predicts, status_is
from api.postman.warned_row import unfamiliar_rows
from bundle import Quantiles


def prediction_requests(model: ApiModel) -> list[JsonObject]:
    """Returns the requests for a model; they depend on its task."""
    task = model.manifest.task
    return [
        *(_shape(example, model) for example in examples(model.manifest)),
        _csv_without_header(model),
        _csv_answer(model),
        _json_lines_answer(model),
        _skip(model),
        *([] if task == "regression" else [_probabilities(model)]),
        *([_threshold(model)] if task == "binary" else []),
        *_warnings(model),
        *([_reasons(model)] if model.manifest.reference else []),
        *([_quantiles(model, model.manifest.quantiles)] if model.manifest.quantiles else []),
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


def _json_lines_answer(model: ApiModel) -> JsonObject:
    row = json.dumps(model.manifest.golden[0].instance, ensure_ascii=False)
    wrong = json.dumps(row_with_unknown_field(model.manifest), ensure_ascii=False)
    return request(
        "JSON Lines in, JSON Lines out",
        "POST",
        model.path,
        about="The second row is invalid: its line in the response has its errors.",
        query={"on_error": "skip"},
        headers={"Content-Type": JSON_LINES_CONTENT, "Accept": JSON_LINES_CONTENT},
        body=f"{row}\n{wrong}\n{row}\n",
        tests=[
            *status_is(200),
            *check(
                "a line for every row, with its prediction or its errors",
                'pm.expect(pm.response.headers.get("content-type")).to.match(/^application\\/jsonlines/);',
                "const rows = pm.response.text().trim().split(/\\n/).map((line) => JSON.parse(line));",
                'pm.expect(rows.map((row) => "errors" in row)).to.eql([false, true, false]);',
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


def _warnings(model: ApiModel) -> list[JsonObject]:
    return [
        request(
            f"Warning of {field}",
            "POST",
            model.path,
            about=f"The value of {field} is outside of the range that the model was trained on.",
            headers={"Content-Type": JSON_CONTENT},
            body=row,
            tests=[
                *status_is(200),
                *check(
                    "the prediction has a warning that names the field",
                    "const warnings = pm.response.json().predictions[0].warnings;",
                    f"pm.expect(warnings.map((one) => one.field)).to.include({json.dumps(field)});",
                ),
            ],
        )
        for field, row in unfamiliar_rows(model.manifest)
    ]


def _reasons(model: ApiModel) -> JsonObject:
    total = "value" if model.manifest.task == "regression" else "probability"
    return request(
        "Reasons",
        "POST",
        model.path,
        about="Contributions of the given fields, the largest first: what the model did with the row.",
        query={"reasons": "4"},
        headers={"Content-Type": JSON_CONTENT},
        body=model.manifest.golden[0].instance,
        tests=[
            *status_is(200),
            *check(
                "baseline and contributions add up to the prediction",
                "const [row] = pm.response.json().predictions;",
                "const parts = row.reasons.map((reason) => reason.contribution);",
                "const sum = parts.reduce((total, part) => total + part, row.baseline + (row.rest || 0));",
                f"pm.expect(sum).to.be.closeTo(row.{total}, 1e-6 * Math.max(1, Math.abs(row.{total})));",
            ),
        ],
    )


def _quantiles(model: ApiModel, quantiles: Quantiles) -> JsonObject:
    [golden, *_] = model.manifest.golden_answers
    return request(
        f"Median and range of {quantiles.name}",
        "POST",
        model.path,
        about=f"The prediction has {quantiles.description}: the median, and the range around it.",
        query={quantiles.name: "true"},
        headers={"Content-Type": JSON_CONTENT},
        body=golden.instance,
        tests=[
            *status_is(200),
            *check(
                "the quantiles are those of the golden row",
                f"const found = pm.response.json().predictions[0].{quantiles.name};",
                f"const expected = {json.dumps(golden.prediction[quantiles.name])};",
                "Object.keys(expected).forEach((name) =>",
                "  pm.expect(found[name], name).to.be.closeTo(expected[name], "
                "Math.max(1e-4, 1e-6 * Math.abs(expected[name]))));",
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
