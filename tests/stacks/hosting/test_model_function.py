from typing import Any

from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

PATH = "Model/Function/Resource"


def properties(synthesis: Synthesis) -> dict[str, Any]:
    return dict(synthesis.by_path(PATH)["Properties"])


def test_a_model_function_needs_no_sagemaker_resource(stacks: Stacks) -> None:
    for stage in ("dev", "prod"):
        resources = stacks(stage, "lambda").template["Resources"].values()
        made = [{**resource, "Metadata": {}} for resource in resources]
        assert "sagemaker" not in str(made).lower()


def test_it_runs_the_image_of_the_endpoints_through_lambdas_runtime_client(stacks: Stacks) -> None:
    synthesis = stacks("dev", "lambda")
    [image] = synthesis.assets("dockerImages")
    [destination] = image["destinations"].values()

    function = properties(synthesis)
    assert function["PackageType"] == "Image"
    assert function["Code"]["ImageUri"]["Fn::Join"][1][-1].endswith(f":{destination['imageTag']}")
    assert function["ImageConfig"] == {
        "EntryPoint": ["/opt/venv/bin/python", "-m", "awslambdaric"],
        "Command": ["serving.lambda_handler.handler"],
    }
    # The image is built for linux/amd64.
    assert function["Architectures"] == ["x86_64"]


def test_the_function_gets_the_uri_of_its_bundle_and_may_read_bundles_only(stacks: Stacks) -> None:
    synthesis = stacks("dev", "lambda")
    publication, resource = synthesis.only("Custom::Bundle")

    url = properties(synthesis)["Environment"]["Variables"]["MODEL_DATA_URL"]["Fn::Join"][1]
    policy = synthesis.by_path("Model/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    assert url == ["s3://", {"Fn::GetAtt": [publication, "Bucket"]}, f"/{resource['Properties']['Key']}"]
    [reads] = [found for found in policy["Statement"] if "s3:" in str(found["Action"])]
    assert reads["Action"] == "s3:GetObject"
    assert reads["Resource"]["Fn::Join"][1][-1] == "/models/tiny/*"
    actions = {action for found in policy["Statement"] for action in _list(found["Action"])}
    assert actions == {"s3:GetObject", "logs:CreateLogStream", "logs:PutLogEvents"}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_only_lambda_in_this_account_may_assume_its_role(stacks: Stacks) -> None:
    role = stacks("dev", "lambda").by_path("Model/Role/Resource")["Properties"]

    [statement] = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_concurrency_is_reserved_only_when_it_is_set(stacks: Stacks, synthesizer: Synthesizer) -> None:
    for stage in ("dev", "prod"):
        assert "ReservedConcurrentExecutions" not in stacks(stage, "lambda").text

    reserved = synthesizer.one(
        hosting="lambda",
        max_concurrency="7",
        memory_mb="1769",
    )

    function = properties(reserved)
    assert (function["ReservedConcurrentExecutions"], function["MemorySize"]) == (7, 1769)


def test_the_invoker_may_invoke_and_describe_it_only(stacks: Stacks) -> None:
    synthesis = stacks("dev", "lambda")
    name = next(
        name
        for name, found in synthesis.all("AWS::Lambda::Function").items()
        if found["Metadata"]["aws:cdk:path"].endswith(PATH)
    )

    invoker = synthesis.by_path("Api/Invoker/Function/Resource")["Properties"]["Environment"]["Variables"]
    policy = synthesis.by_path("Api/Invoker/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    assert invoker["FUNCTION_NAME"] == {"Ref": name}
    assert "ENDPOINT_NAME" not in invoker
    [invokes] = [found for found in policy["Statement"] if "logs:" not in str(found["Action"])]
    assert (invokes["Action"], invokes["Resource"]) == (
        ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
        {"Fn::GetAtt": [name, "Arn"]},
    )


def test_its_timeout_is_above_the_invokers(stacks: Stacks) -> None:
    synthesis = stacks("dev", "lambda")

    waits = synthesis.by_path("Api/Invoker/Function/Resource")["Properties"]["Timeout"]
    assert properties(synthesis)["Timeout"] > waits
