"""The API of several models, and the environment of its invoker."""

import json
import re
from pathlib import Path
from typing import Any

from api import openapi_document
from bundle import Field, Golden, read_archive
from tests.stacks.support.invoker_calls import called_actions
from tests.stacks.support.synthesis import Synthesis, Synthesizer, synthesize
from tests.tiny_bundle import EXAMPLE, FIELDS, write_tiny_bundle

PREDICT = {"tiny": "/tiny/predict", "other_tiny": "/other_tiny/predict"}


ROUTES = {
    **dict.fromkeys(PREDICT.values(), "POST"),
    **dict.fromkeys(("/", "/docs", "/model", "/health", "/openapi.json"), "GET"),
}


def method(synthesis: Synthesis, route: str, verb: str) -> dict[str, Any]:
    return dict(synthesis.by_path(f"Api/RestApi/Default{route.rstrip('/')}/{verb}/Resource")["Properties"])


def environment(synthesis: Synthesis) -> dict[str, Any]:
    function = synthesis.by_path("Api/Invoker/Function/Resource")
    return dict(function["Properties"]["Environment"]["Variables"])


def test_each_route_has_its_method_and_one_for_all_others(several: Synthesis) -> None:
    assert len(several.all("AWS::ApiGateway::Method")) == 2 * len(ROUTES)
    for route, verb in ROUTES.items():
        for found in (verb, "ANY"):
            assert "ApiInvokerFunction" in json.dumps(method(several, route, found)["Integration"]["Uri"])


def test_every_models_route_has_a_key_a_request_model_and_a_validator(several: Synthesis) -> None:
    request, validator = (
        several.only(f"AWS::ApiGateway::{kind}")[0] for kind in ("Model", "RequestValidator")
    )

    for route in PREDICT.values():
        post = method(several, route, "POST")
        assert post["ApiKeyRequired"] is True
        assert post["RequestModels"] == {"application/json": {"Ref": request}}
        assert post["RequestValidatorId"] == {"Ref": validator}
        assert not method(several, route, "ANY").get("ApiKeyRequired")


def test_with_iam_every_models_route_needs_a_signature(synthesizer: Synthesizer) -> None:
    signed = synthesizer.several(auth="iam")

    for route in PREDICT.values():
        assert method(signed, route, "POST")["AuthorizationType"] == "AWS_IAM"
        assert method(signed, route, "ANY")["AuthorizationType"] == "NONE"


def test_only_open_methods_have_the_lower_limits(several: Synthesis) -> None:
    settings = several.properties("AWS::ApiGateway::Stage")["MethodSettings"]

    limited = {
        (setting["ResourcePath"].replace("~1", "/").replace("//", "/"), setting["HttpMethod"])
        for setting in settings
        if setting["ThrottlingRateLimit"] == 5
    }
    for route in PREDICT.values():
        assert (route, "GET") in limited
        assert (route, "POST") not in limited
    assert len(limited) == 7 * len(ROUTES) - len(PREDICT)


def test_the_policy_of_the_invoker_does_not_grow_with_the_models(several: Synthesis) -> None:
    assert len(several.all("AWS::Lambda::Permission")) == 1


def test_the_invoker_gets_version_and_a_row_of_each_model(
    several: Synthesis, bundles: dict[str, Path]
) -> None:
    [models] = several.outdir.glob("asset.*/invoker/models.json")

    assert json.loads(models.read_text()) == {
        name: {"version": read_archive(path).manifest.version, "instance": EXAMPLE}
        for name, path in bundles.items()
    }


def test_the_invokers_role_allows_exactly_its_calls(several: Synthesis) -> None:
    policy = several.by_path("Api/Invoker/Role/DefaultPolicy/Resource")["Properties"]

    called = called_actions(several, path="/other_tiny/predict")

    assert called == {"sagemaker:InvokeEndpoint", "sagemaker:DescribeEndpoint"}
    assert set(re.findall(r"sagemaker:\w+", str(policy))) == called


def test_rows_of_any_length_fit_beside_the_code(tmp_path: Path) -> None:
    bundles = {name: tmp_path / f"{name}.tar.gz" for name in ("tiny", "other_tiny")}
    note = Field(name="note", type="text", max_length=9000, description="In words.", example="blue")
    row = {"size": 0.0, "note": "a" * 9000}
    golden = (Golden(instance=row, prediction={"label": "yes", "probability": 0.5}),)
    for name, path in bundles.items():
        write_tiny_bundle(path, name=name, fields=(*FIELDS[:1], note), golden=golden)

    synthesis = synthesize(tmp_path / "out", bundles=bundles, models="tiny,other_tiny")

    [models] = synthesis.outdir.glob("asset.*/invoker/models.json")
    assert [model["instance"] for model in json.loads(models.read_text()).values()] == [row, row]
    assert len(json.dumps(environment(synthesis))) < 1000


def test_the_openapi_document_has_every_path(several: Synthesis, bundles: dict[str, Path]) -> None:
    [code] = several.outdir.glob("asset.*/invoker/openapi.json")

    document = json.loads(code.read_text())

    assert document == openapi_document(*(read_archive(path).manifest for path in bundles.values()))
    assert set(document["paths"]) == set(ROUTES)


def test_the_response_to_an_unknown_path_names_the_known_ones(several: Synthesis) -> None:
    answers = [found["Properties"] for found in several.all("AWS::ApiGateway::GatewayResponse").values()]

    [missing] = [found for found in answers if found["ResponseType"] == "MISSING_AUTHENTICATION_TOKEN"]
    detail = json.loads(missing["ResponseTemplates"]["application/json"])["detail"]
    assert detail == (
        "There is POST /tiny/predict, POST /other_tiny/predict, GET /, GET /docs, GET /model, "
        "GET /health and GET /openapi.json."
    )


def test_a_model_may_have_the_name_of_another_path(tmp_path: Path) -> None:
    bundles = {name: tmp_path / f"{name}.tar.gz" for name in ("health", "predict")}
    for name, path in bundles.items():
        write_tiny_bundle(path, name=name)

    synthesis = synthesize(tmp_path / "out", bundles=bundles, models="health,predict")

    for route, verb in (("/health/predict", "POST"), ("/predict/predict", "POST"), ("/health", "GET")):
        assert method(synthesis, route, verb)["HttpMethod"] == verb
