"""A deployed service: its invoke URL on this machine, API key, example row and responses."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.deployments import deployed_stacks
from local.deployments.deployment import Deployment
from local.errors import NothingDeployedError, PredictionError
from local.local_aws import LocalAws
from tests.local.deployments.prediction_service import EXAMPLE, deployed, multi_model_service, service


@pytest.fixture(scope="module")
def some_model(aws: LocalAws) -> Iterator[str]:
    yield from deployed(aws, "SomeModel", service())


@pytest.fixture(scope="module")
def several_models(aws: LocalAws) -> Iterator[str]:
    yield from deployed(aws, "OneModelOther", multi_model_service())


@pytest.fixture
def found(aws: LocalAws, some_model: str) -> Deployment:
    return deployed_stacks.find(aws, model=some_model)


def test_predict_posts_to_the_invoke_url(found: Deployment) -> None:
    assert json.loads(found.predict('{"x":7}')) == {"predictions": [{"x": 7}]}


def test_the_invoke_url_is_a_url_of_this_machine(found: Deployment, aws: LocalAws) -> None:
    api = found.outputs["PredictUrl"].removeprefix("https://").split(".")[0]

    assert found.url == f"{aws.url}/restapis/{api}/v1/_user_request_/predict"


def test_the_page_is_among_the_addresses_where_the_stack_has_one(found: Deployment) -> None:
    outputs = {**found.outputs, "PageUrl": "https://api.execute-api.eu-west-1.amazonaws.com/v1/"}
    with_page = Deployment(aws=found.aws, stack=found.stack, outputs=outputs)

    page = f"GET   {found.api_url}/ (a page for your browser)"
    assert page in with_page.addresses.splitlines()
    assert page not in found.addresses.splitlines()


def test_the_example_row_is_that_of_the_apis_description(found: Deployment) -> None:
    assert json.loads(found.example) == EXAMPLE


def test_the_error_without_an_example_row_names_the_option_row(aws: LocalAws) -> None:
    for name in deployed(aws, "NoExample", service(example=None)):
        with pytest.raises(NothingDeployedError, match="--row"):
            _ = deployed_stacks.find(aws, model=name).example


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_printed_curl_command_works(found: Deployment) -> None:
    printed = found.curl('{"x":"it\'s"}')

    answer = subprocess.run(["bash", "-c", printed], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == {"predictions": [{"x": "it's"}]}


def test_a_prediction_error_has_the_detail_and_the_row_errors(found: Deployment) -> None:
    with pytest.raises(PredictionError, match=r'^422 .*: row 0 is wrong\n\{"row": 0, "field": "x"\}$'):
        found.predict('{"status":422}')


def test_a_prediction_error_of_another_format_has_the_whole_body(found: Deployment) -> None:
    with pytest.raises(PredictionError, match=r'^500 .*: \["a list"\]$'):
        found.predict('{"status":500}')


def test_a_key_without_a_usage_plan_is_a_prediction_error(found: Deployment) -> None:
    key = found.aws.client("apigateway").create_api_key(enabled=True)["id"]
    unknown = Deployment(aws=found.aws, stack=found.stack, outputs={**found.outputs, "ApiKeyId": key})

    with pytest.raises(PredictionError, match=r"^403 .*Forbidden"):
        unknown.predict("{}")


def test_find_without_a_model_returns_the_last_deployment(aws: LocalAws, some_model: str) -> None:
    aws.outputs.write_text(json.dumps({some_model: {}}))

    assert deployed_stacks.find(aws).stack == some_model


@pytest.mark.parametrize("model", ["some_model", "some-model", "SomeModel"])
@pytest.mark.usefixtures("some_model")
def test_a_model_is_found_by_its_name(aws: LocalAws, model: str) -> None:
    assert deployed_stacks.find(aws, model=model).stack == "SomeModel"


def test_a_model_is_found_in_a_stack_of_any_name_and_first_in_the_one_named_after_it(aws: LocalAws) -> None:
    template = service()
    template["Outputs"]["Models"] = {"Value": "parcels"}

    for own in deployed(aws, "ParcelsProd", template):
        assert deployed_stacks.find(aws, model="parcels").stack == own
        for named in deployed(aws, "Parcels", service()):
            assert deployed_stacks.find(aws, model="parcels").stack == named


def test_the_error_for_a_model_without_deployment_names_it(aws: LocalAws) -> None:
    with pytest.raises(NothingDeployedError, match=r"No model absent is deployed .*make run"):
        deployed_stacks.find(aws, model="absent")


@pytest.mark.parametrize("written", ["", '{"SomeModel": {"Predict'])
def test_outputs_that_a_killed_deployment_has_left_incomplete_are_an_error_with_the_way_out(
    tmp_path: Path, written: str
) -> None:
    aws = LocalAws(port=1, state=tmp_path)
    aws.outputs.write_text(written)

    with pytest.raises(NothingDeployedError, match=r"outputs\.json is incomplete.*MODEL=<name>.*`make run`"):
        deployed_stacks.find(aws)


@pytest.mark.parametrize("outputs", [None, "{}", '{"Deleted": {}}'])
def test_the_error_without_a_deployment_names_the_command_to_run(aws: LocalAws, outputs: str | None) -> None:
    aws.outputs.unlink(missing_ok=True)
    if outputs is not None:
        aws.outputs.write_text(outputs)

    with pytest.raises(NothingDeployedError, match=r"Nothing is deployed .*make run"):
        deployed_stacks.find(aws)


@pytest.mark.parametrize(
    ("model", "expected"),
    [("one_model", "one_model"), ("other", "other"), ("one_model,other", "one_model"), (None, "one_model")],
)
def test_find_returns_the_named_model_of_a_multi_model_stack_or_its_first(
    aws: LocalAws, several_models: str, model: str | None, expected: str
) -> None:
    aws.outputs.write_text(json.dumps({several_models: {}}))

    found = deployed_stacks.find(aws, model=model)

    assert (found.stack, found.models, found.model) == (several_models, ["one_model", "other"], expected)
    assert found.url == f"{found.api_url}/{expected}/predict"
    assert json.loads(found.example) == {"of": expected}
    assert json.loads(found.predict(found.example)) == {"predictions": [{"of": expected}]}


def test_a_single_model_stack_is_preferred_to_a_multi_model_stack(aws: LocalAws, several_models: str) -> None:
    for name in deployed(aws, "Other", service()):
        assert deployed_stacks.find(aws, model="other").stack == name
    assert deployed_stacks.find(aws, model="other").stack == several_models
