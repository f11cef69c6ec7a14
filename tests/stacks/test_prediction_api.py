import json
import re
from pathlib import Path
from typing import Any

import pytest

from bundle import Field, Golden
from tests.stacks.synthesis import Synthesis, synthesize
from tests.tiny_bundle import write_tiny_bundle

# https://datatracker.ietf.org/doc/html/draft-fge-json-schema-validation-00, without what API Gateway ignores.
DRAFT_4 = {
    "$schema", "additionalProperties", "anyOf", "description", "enum", "format", "items", "maximum",
    "maxItems", "maxLength", "minimum", "minItems", "minLength", "pattern", "properties", "required", "type",
}  # fmt: skip
# One field has the name of the keyword that API Gateway refuses.
FIELDS = (
    Field(name="width", type="number", description="How wide.", example=2.5),
    Field(name="example", type="string", values=("red", "blue"), description="Its colour.", example="red"),
)
ROW = {"width": 2.5, "example": "red"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    folder = tmp_path_factory.mktemp("api")
    golden = (Golden(instance=ROW, prediction={"label": "yes", "probability": 0.9}),)
    write_tiny_bundle(folder / "model.tar.gz", fields=FIELDS, golden=golden)
    return synthesize(folder / "cdk.out", bundle=str(folder / "model.tar.gz"))


def method(api: Synthesis, verb: str) -> dict[str, Any]:
    [found] = [
        m for m in api.all("AWS::ApiGateway::Method").values() if m["Properties"]["HttpMethod"] == verb
    ]
    return dict(found["Properties"])


def keywords(schema: dict[str, Any]) -> set[str]:
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    inner += [schema["items"]] if "items" in schema else []
    return set(schema).union(*map(keywords, inner))


def test_the_api_is_in_one_region(api: Synthesis) -> None:
    assert api.properties("AWS::ApiGateway::RestApi")["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_predictions_need_a_key_and_health_does_not(api: Synthesis) -> None:
    assert method(api, "POST")["ApiKeyRequired"] is True
    assert not method(api, "GET").get("ApiKeyRequired")


def test_the_key_is_worth_something_on_this_stage_and_within_limits(api: Synthesis) -> None:
    plan, resource = api.only("AWS::ApiGateway::UsagePlan")
    link = api.properties("AWS::ApiGateway::UsagePlanKey")

    assert resource["Properties"]["ApiStages"][0]["Stage"] == {"Ref": api.only("AWS::ApiGateway::Stage")[0]}
    assert resource["Properties"]["Throttle"] == {"RateLimit": 100, "BurstLimit": 200}
    assert link["UsagePlanId"] == {"Ref": plan}
    assert link["KeyId"] == {"Ref": api.only("AWS::ApiGateway::ApiKey")[0]}


def test_a_body_of_any_content_type_is_validated(api: Synthesis) -> None:
    predict = method(api, "POST")

    assert predict["RequestModels"] == {"$default": {"Ref": api.only("AWS::ApiGateway::Model")[0]}}
    validator, resource = api.only("AWS::ApiGateway::RequestValidator")
    assert predict["RequestValidatorId"] == {"Ref": validator}
    assert resource["Properties"]["ValidateRequestBody"] is True


def test_the_request_model_is_that_of_the_fields_in_words_api_gateway_knows(api: Synthesis) -> None:
    schema = api.properties("AWS::ApiGateway::Model")["Schema"]

    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert keywords(schema) <= DRAFT_4
    one, many = schema["anyOf"]
    assert one["properties"]["width"]["type"] == "number"
    assert one["properties"]["example"]["enum"] == ["red", "blue"]
    assert many["properties"]["instances"]["items"] == one


def test_changed_fields_are_deployed_to_the_stage(api: Synthesis, tmp_path: Path) -> None:
    wider = (Field(name="width", type="number", maximum=9, description="How wide.", example=2.5), FIELDS[1])
    golden = (Golden(instance=ROW, prediction={"label": "yes", "probability": 0.9}),)
    write_tiny_bundle(tmp_path / "model.tar.gz", fields=wider, golden=golden)

    changed = synthesize(tmp_path / "cdk.out", bundle=str(tmp_path / "model.tar.gz"))

    deployments = {s.only("AWS::ApiGateway::Deployment")[0] for s in (api, changed)}
    assert len(deployments) == 2


def test_the_stage_is_throttled_and_health_more_so(api: Synthesis) -> None:
    settings = {s["ResourcePath"]: s for s in api.properties("AWS::ApiGateway::Stage")["MethodSettings"]}

    assert (settings["/*"]["ThrottlingRateLimit"], settings["/*"]["ThrottlingBurstLimit"]) == (100, 200)
    health = settings["/~1health"]
    assert (health["ThrottlingRateLimit"], health["ThrottlingBurstLimit"]) == (5, 10)


def test_the_stage_logs_errors_and_accesses_but_never_bodies(api: Synthesis) -> None:
    stage = api.properties("AWS::ApiGateway::Stage")

    assert {s["LoggingLevel"] for s in stage["MethodSettings"]} == {"ERROR"}
    assert {s["DataTraceEnabled"] for s in stage["MethodSettings"]} == {False}
    entry = json.loads(stage["AccessLogSetting"]["Format"])
    assert {"request_id", "status", "milliseconds", "api_key_id"} <= set(entry)
    assert "$context.identity.apiKey" not in entry.values()


def test_the_stage_waits_for_the_accounts_logging_role_and_its_own_log(api: Synthesis) -> None:
    _, stage = api.only("AWS::ApiGateway::Stage")

    waits_for = {api.template["Resources"][name]["Type"] for name in stage["DependsOn"]}
    assert waits_for == {"AWS::ApiGateway::Account", "AWS::Logs::LogGroup"}


def test_the_api_may_call_the_invoker_from_its_own_routes_only(api: Synthesis) -> None:
    sources = [
        permission["Properties"]["SourceArn"]["Fn::Join"][1][-1]
        for permission in api.all("AWS::Lambda::Permission").values()
    ]

    assert sorted(sources) == ["/GET/health", "/POST/predict"]


def test_what_the_api_answers_by_itself_is_a_problem_document(api: Synthesis) -> None:
    answers = {
        found["Properties"]["ResponseType"]: found["Properties"]
        for found in api.all("AWS::ApiGateway::GatewayResponse").values()
    }

    assert {"DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "INVALID_API_KEY", "BAD_REQUEST_BODY"} <= set(answers)
    for kind, answer in answers.items():
        headers = answer["ResponseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        document = json.loads(filled_in(answer["ResponseTemplates"]["application/json"]))
        assert {"type", "title", "detail", "request_id"} <= set(document), kind
        assert document.get("status") == (int(answer["StatusCode"]) if "StatusCode" in answer else None)
    assert answers["THROTTLED"]["ResponseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"


def filled_in(template: str) -> str:
    """The template with its variables, as API Gateway puts them in."""
    quoted = template.replace("$context.error.messageString", '"a message"')
    return re.sub(r"\$context\.[\w.]+", "a value", quoted)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    folder = tmp_path_factory.mktemp("signed")
    write_tiny_bundle(folder / "model.tar.gz")
    return synthesize(folder / "cdk.out", bundle=str(folder / "model.tar.gz"), auth="iam")


def test_with_iam_predictions_need_a_signature_and_health_still_does_not(signed: Synthesis) -> None:
    assert method(signed, "POST")["AuthorizationType"] == "AWS_IAM"
    assert method(signed, "POST")["ApiKeyRequired"] is False
    assert method(signed, "GET")["AuthorizationType"] == "NONE"


def test_with_iam_there_is_no_key(signed: Synthesis) -> None:
    for kind in ("ApiKey", "UsagePlan", "UsagePlanKey"):
        assert signed.all(f"AWS::ApiGateway::{kind}") == {}
    assert "ApiKeyId" not in signed.template["Outputs"]


@pytest.mark.parametrize(
    ("stack_name", "status", "word"), [("api", 404, "Not Found"), ("signed", 403, "Forbidden")]
)
def test_what_has_no_route_or_no_signature_is_called_what_it_is(
    request: pytest.FixtureRequest, stack_name: str, status: int, word: str
) -> None:
    synthesis: Synthesis = request.getfixturevalue(stack_name)
    [answer] = [
        found["Properties"]
        for found in synthesis.all("AWS::ApiGateway::GatewayResponse").values()
        if found["Properties"]["ResponseType"] == "MISSING_AUTHENTICATION_TOKEN"
    ]

    document = json.loads(filled_in(answer["ResponseTemplates"]["application/json"]))
    assert (answer["StatusCode"], document["status"], document["title"]) == (str(status), status, word)
