"""Tests of responses: JavaScript that Postman and newman run after a request."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

# Tests of every response.
ALWAYS = (
    'const id = pm.response.headers.get("x-request-id");',
    'pm.test("the response has a request id", () => pm.expect(id).to.be.a("string").and.not.empty);',
    "if (pm.response.code >= 400) {",
    '  pm.test("an error is a problem document", () => {',
    '    pm.expect(pm.response.headers.get("content-type")).to.match(/^application\\/problem\\+json/);',
    "    const problem = pm.response.json();",
    "    pm.expect(problem.status).to.equal(pm.response.code);",
    '    pm.expect(problem.title).to.be.a("string").and.not.empty;',
    '    pm.expect(problem.detail).to.be.a("string").and.not.empty;',
    "    pm.expect(problem.request_id).to.equal(id);",
    "  });",
    "}",
)

_SAME = (
    "const same = (found, expected) => typeof expected === 'number'",
    "  ? Math.abs(found - expected) <= 1e-4 : found === expected;",
)


def status_is(status: int) -> list[str]:
    """Returns a test of the status."""
    return [f'pm.test("the status is {status}", () => pm.response.to.have.status({status}));']


def check(name: str, *lines: str) -> list[str]:
    """Returns a named test with these lines."""
    return [f"pm.test({json.dumps(name)}, () => {{", *(f"  {line}" for line in lines), "});"]


def predicts(predictions: Sequence[dict[str, Any]], *, version: str) -> list[str]:
    """Returns tests of the predictions (numbers within 1e-4) and of the model's version."""
    return [
        *status_is(200),
        f"const expected = {json.dumps(predictions)};",
        *_SAME,
        *check(
            "every row gets its prediction, in order",
            "const predictions = pm.response.json().predictions;",
            "pm.expect(predictions.length).to.equal(expected.length);",
            "expected.forEach((row, i) => Object.keys(row).forEach((key) =>",
            "  pm.expect(same(predictions[i][key], row[key]), `row ${i}: ${key}`).to.be.true));",
        ),
        *names_version(version),
        *check(
            "the header has the same version",
            f'pm.expect(pm.response.headers.get("x-model-version")).to.equal({json.dumps(version)});',
        ),
    ]


def names_version(version: str) -> list[str]:
    """Returns a test of the model's version."""
    return check(
        "it has the model's version",
        f"pm.expect(pm.response.json().model.version).to.equal({json.dumps(version)});",
    )


def names_versions(versions: Mapping[str, str]) -> list[str]:
    """Returns a test of the versions of several models, which are given by the models' names."""
    return check(
        "it has the version of every model",
        f"const versions = {json.dumps(versions)};",
        "Object.keys(versions).forEach((name) =>",
        "  pm.expect(pm.response.json().models[name].version, name).to.equal(versions[name]));",
    )


def refuses(status: int, *, naming: str = "", header: str = "") -> list[str]:
    """Returns tests of an error response.

    Args:
        status: Status of the response.
        naming: Text that the body must contain, "" for any body.
        header: Header that the response must have, "" for none.
    """
    return [
        *status_is(status),
        *(
            check(f"it names {naming}", f"pm.expect(pm.response.text()).to.include({_inside(naming)});")
            if naming
            else []
        ),
        *(check(f"it has {header}", f"pm.response.to.have.header({json.dumps(header)});") if header else []),
    ]


def _inside(text: str) -> str:
    """Returns a JavaScript string of `text` as it is encoded within JSON."""
    return json.dumps(json.dumps(text, ensure_ascii=False)[1:-1])
