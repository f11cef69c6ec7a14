import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from api import PAGE_PATHS
from bundle import MAX_BODY_BYTES, MAX_ROWS, Field, Golden
from tests.stacks.support.synthesis import Synthesis, Synthesizer, synthesize
from tests.tiny_bundle import write_tiny_bundle, write_wide_bundle

ROUTES = {
    "/predict": "POST",
    "/": "GET",
    "/docs": "GET",
    "/model": "GET",
    "/health": "GET",
    "/openapi.json": "GET",
}
SENT = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
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


def method(api: Synthesis, route: str, verb: str) -> dict[str, Any]:
    return dict(api.by_path(f"Api/RestApi/Default{route.rstrip('/')}/{verb}/Resource")["Properties"])


def limits(api: Synthesis) -> dict[tuple[str, str], tuple[int, int]]:
    """Rate and burst by path and method."""
    return {
        (setting["ResourcePath"].replace("/~1", "/"), setting["HttpMethod"]): (
            setting["ThrottlingRateLimit"],
            setting["ThrottlingBurstLimit"],
        )
        for setting in api.properties("AWS::ApiGateway::Stage")["MethodSettings"]
    }


def test_the_api_is_in_one_region(api: Synthesis) -> None:
    assert api.properties("AWS::ApiGateway::RestApi")["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_each_route_has_its_method_and_one_for_all_others_which_all_go_to_the_invoker(api: Synthesis) -> None:
    methods = [found["Properties"] for found in api.all("AWS::ApiGateway::Method").values()]

    assert len(methods) == 2 * len(ROUTES)
    for route, verb in ROUTES.items():
        for integration in (method(api, route, found)["Integration"] for found in (verb, "ANY")):
            assert integration["Type"] == "AWS_PROXY"
            assert "ApiInvokerFunction" in json.dumps(integration["Uri"])


def test_only_predictions_need_an_api_key(api: Synthesis) -> None:
    assert method(api, "/predict", "POST")["ApiKeyRequired"] is True
    for route, verb in [*ROUTES.items(), *((route, "ANY") for route in ROUTES)]:
        if (route, verb) != ("/predict", "POST"):
            assert not method(api, route, verb).get("ApiKeyRequired"), (route, verb)
            assert method(api, route, verb)["AuthorizationType"] == "NONE"


def test_the_usage_plan_admits_the_key_to_the_stage_within_limits(api: Synthesis) -> None:
    plan, resource = api.only("AWS::ApiGateway::UsagePlan")
    link = api.properties("AWS::ApiGateway::UsagePlanKey")

    assert resource["Properties"]["ApiStages"][0]["Stage"] == {"Ref": api.only("AWS::ApiGateway::Stage")[0]}
    assert resource["Properties"]["Throttle"] == {"RateLimit": 100, "BurstLimit": 200}
    assert link["UsagePlanId"] == {"Ref": plan}
    assert link["KeyId"] == {"Ref": api.only("AWS::ApiGateway::ApiKey")[0]}


def test_only_json_bodies_have_a_request_model(api: Synthesis) -> None:
    predict = method(api, "/predict", "POST")

    assert predict["RequestModels"] == {"application/json": {"Ref": api.only("AWS::ApiGateway::Model")[0]}}
    validator, resource = api.only("AWS::ApiGateway::RequestValidator")
    assert predict["RequestValidatorId"] == {"Ref": validator}
    assert resource["Properties"]["ValidateRequestBody"] is True


@pytest.mark.parametrize(
    ("body", "passes"),
    [
        (ROW, True),
        ({"instances": [ROW]}, True),
        ({"values": [[2.5, "red"]]}, True),
        ({"data": "2.5,red"}, True),
        ({"width": "wide"}, True),
        ({}, True),
        ([ROW], False),
        ("2.5,red", False),
        (None, False),
    ],
)
def test_the_request_model_accepts_every_json_object(api: Synthesis, body: Any, passes: bool) -> None:
    schema = api.properties("AWS::ApiGateway::Model")["Schema"]

    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert jsonschema.Draft4Validator(schema).is_valid(body) is passes


def test_open_methods_have_lower_limits_than_the_stage(api: Synthesis) -> None:
    found = limits(api)

    assert found.pop(("/*", "*")) == (100, 200)
    assert set(found) == {(route, verb) for route in ROUTES for verb in SENT} - {("/predict", "POST")}
    assert set(found.values()) == {(5, 10)}


def test_the_settings_limit_the_rate_of_stage_key_and_address(synthesizer: Synthesizer) -> None:
    found = synthesizer.one(rate_limit="2000", burst_limit="3000", monthly_quota="5000000", waf="true")

    assert limits(found).pop(("/*", "*")) == (2000, 3000)
    plan = found.properties("AWS::ApiGateway::UsagePlan")
    assert plan["Throttle"] == {"RateLimit": 2000, "BurstLimit": 3000}
    assert plan["Quota"] == {"Limit": 5_000_000, "Period": "MONTH"}
    address = found.properties("AWS::WAFv2::WebACL")["Rules"][0]["Statement"]["RateBasedStatement"]
    assert address["Limit"] == 5 * 60 * 2000


def test_there_is_no_quota_by_default(api: Synthesis) -> None:
    assert "Quota" not in api.properties("AWS::ApiGateway::UsagePlan")


def test_open_methods_never_have_higher_limits_than_the_stage(synthesizer: Synthesizer) -> None:
    found = limits(synthesizer.one(rate_limit="2", burst_limit="3"))

    assert set(found.values()) == {(2, 3)}


def test_only_methods_other_than_any_and_pages_have_metrics(api: Synthesis) -> None:
    settings = api.properties("AWS::ApiGateway::Stage")["MethodSettings"]

    measured = {(s["ResourcePath"], s["HttpMethod"]) for s in settings if s["MetricsEnabled"]}
    assert measured == {("/*", "*"), ("/~1health", "GET"), ("/~1openapi.json", "GET")}


def test_the_stage_logs_errors_and_accesses_but_never_bodies(api: Synthesis) -> None:
    stage = api.properties("AWS::ApiGateway::Stage")

    assert {s["LoggingLevel"] for s in stage["MethodSettings"]} == {"ERROR"}
    assert {s["DataTraceEnabled"] for s in stage["MethodSettings"]} == {False}
    entry = json.loads(stage["AccessLogSetting"]["Format"])
    assert {"request_id", "status", "milliseconds", "api_key_id"} <= set(entry)
    assert "$context.identity.apiKey" not in entry.values()


def test_the_stage_depends_on_the_accounts_logging_role_and_its_log_group(api: Synthesis) -> None:
    _, stage = api.only("AWS::ApiGateway::Stage")

    waits_for = {api.template["Resources"][name]["Type"] for name in stage["DependsOn"]}
    assert waits_for == {"AWS::ApiGateway::Account", "AWS::Logs::LogGroup"}


def test_one_permission_lets_the_routes_of_this_api_call_the_invoker(api: Synthesis) -> None:
    permission = api.properties("AWS::Lambda::Permission")

    rest_api, _ = api.only("AWS::ApiGateway::RestApi")
    assert permission["SourceArn"]["Fn::Join"][1][-2:] == [{"Ref": rest_api}, "/*/*/*"]
    assert permission["Principal"] == "apigateway.amazonaws.com"


def test_without_the_page_its_route_does_not_exist(synthesizer: Synthesizer) -> None:
    found = synthesizer.one(page="off")

    routes = {
        setting["ResourcePath"] for setting in found.properties("AWS::ApiGateway::Stage")["MethodSettings"]
    }
    assert routes == {"/*", "/~1predict", "/~1health", "/~1openapi.json"}
    assert len(found.all("AWS::ApiGateway::Method")) == 2 * (len(ROUTES) - len(PAGE_PATHS))
    assert "PageUrl" not in found.template["Outputs"]
    pages = ("page.json", "docs.json", "model.json")
    assert [name for name in pages if [*found.outdir.glob(f"asset.*/invoker/{name}")]] == []
    assert "ReportKey" not in found.properties("Custom::Bundle")
    assert "/report.html" not in found.text
    [description] = found.outdir.glob("asset.*/invoker/openapi.json")
    assert json.loads(description.read_text())["paths"].keys().isdisjoint(PAGE_PATHS)
    assert "GET /," not in json.dumps([*found.all("AWS::ApiGateway::GatewayResponse").values()])


@pytest.fixture(scope="module")
def signed(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(auth="iam")


def test_with_iam_only_predictions_need_a_signature(signed: Synthesis) -> None:
    predict = method(signed, "/predict", "POST")

    assert (predict["AuthorizationType"], predict["ApiKeyRequired"]) == ("AWS_IAM", False)
    for route, verb in [*ROUTES.items(), *((route, "ANY") for route in ROUTES)][1:]:
        assert method(signed, route, verb)["AuthorizationType"] == "NONE", (route, verb)


def test_with_iam_there_is_no_key(signed: Synthesis) -> None:
    for kind in ("ApiKey", "UsagePlan", "UsagePlanKey"):
        assert signed.all(f"AWS::ApiGateway::{kind}") == {}
    assert "ApiKeyId" not in signed.template["Outputs"]


@pytest.fixture(scope="module")
def shared(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(cors_origins="https://app.example.com,http://localhost:3000")


def environment(synthesis: Synthesis) -> dict[str, Any]:
    function = synthesis.by_path("Api/Invoker/Function/Resource")
    return dict(function["Properties"]["Environment"]["Variables"])


def test_the_invoker_gets_the_allowed_origins_of_the_settings(api: Synthesis, shared: Synthesis) -> None:
    assert environment(shared)["ALLOWED_ORIGINS"] == "https://app.example.com,http://localhost:3000"
    assert "ALLOWED_ORIGINS" not in environment(api)


def test_preflights_have_the_limits_of_the_stage(api: Synthesis, shared: Synthesis) -> None:
    preflights = {(route, "OPTIONS") for route in ROUTES}

    assert set(limits(api)) - set(limits(shared)) == preflights


def test_the_invoker_gets_the_limits_of_a_request(api: Synthesis) -> None:
    assert environment(api)["MAX_ROWS"] == str(MAX_ROWS)
    assert environment(api)["MAX_BODY_BYTES"] == str(MAX_BODY_BYTES)


def test_the_accounts_logging_role_is_left_alone_if_the_setting_says_so(synthesizer: Synthesizer) -> None:
    stack = synthesizer.one(api_logging_role="account")

    assert stack.all("AWS::ApiGateway::Account") == {}
    assert "AmazonAPIGatewayPushToCloudWatchLogs" not in stack.text


def test_the_accounts_logging_role_stays_when_the_stack_goes(stack: Synthesis) -> None:
    _, account = stack.only("AWS::ApiGateway::Account")

    [role] = [account["Properties"]["CloudWatchRoleArn"]["Fn::GetAtt"][0]]
    assert account["DeletionPolicy"] == stack.template["Resources"][role]["DeletionPolicy"] == "Retain"


def warnings(found: Synthesis) -> str:
    """The warnings that a synth prints."""
    report = found.outdir / "validation-report.json"
    return report.read_text(encoding="utf-8") if report.exists() else ""


def test_a_synth_says_that_the_page_of_a_wide_model_is_large(api: Synthesis, tmp_path: Path) -> None:
    bundle = write_wide_bundle(tmp_path / "model.tar.gz", columns=1000)

    found = synthesize(tmp_path / "out", bundle=str(bundle), model="wide")

    assert re.search(r"The page at / has 2[89]\d KB", warnings(found))
    assert "page=off" in warnings(found)
    assert "The page at /" not in warnings(api)
