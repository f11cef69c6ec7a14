"""State machine that scores files: its template, its permissions, and those that the API's function lacks."""

import json
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

MACHINE = "Scoring/StateMachine/Resource"


@pytest.fixture(scope="session")
def scored(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(is_validated=True, hosting="lambda", scoring_data="own")


def definition(stack: Synthesis) -> dict[str, Any]:
    """The definition of the state machine, with the logical ids in the place of names and ARNs."""
    parts = stack.by_path(MACHINE)["Properties"]["DefinitionString"]["Fn::Join"][1]
    found: dict[str, Any] = json.loads(
        "".join(part if isinstance(part, str) else json.dumps(part).replace('"', "'") for part in parts)
    )
    return found


def granted(stack: Synthesis, path: str) -> dict[str, list[str]]:
    """The ends of the resources of each action of a policy."""
    found: dict[str, list[str]] = {}
    for statement in stack.by_path(path)["Properties"]["PolicyDocument"]["Statement"]:
        actions, resources = statement["Action"], statement["Resource"]
        for action in actions if isinstance(actions, list) else [actions]:
            for resource in resources if isinstance(resources, list) else [resources]:
                joined = resource["Fn::Join"][1][-1] if "Fn::Join" in resource else resource
                found.setdefault(action, []).append(str(joined))
    return found


def statements(stack: Synthesis, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.by_path(path)["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_the_resources_are_those_that_were_reviewed(scored: Synthesis, snapshot: SnapshotAssertion) -> None:
    normal = scored.normalised()
    ours = {name: found for name, found in normal["Resources"].items() if name.startswith("Scoring")}

    assert ours == snapshot(extension_class=JSONSnapshotExtension)
    assert {"ScoringArn", "ScoringFolder"} <= normal["Outputs"].keys()


def test_without_the_setting_there_is_no_state_machine(stacks: Stacks) -> None:
    for stage in ("dev", "prod"):
        assert "StepFunctions" not in stacks(stage, "lambda").text


def test_an_object_that_fails_ends_no_other_and_the_last_step_fails_with_its_sentence(
    scored: Synthesis,
) -> None:
    states = definition(scored)["States"]

    assert states["Objects"]["ToleratedFailurePercentage"] == 100
    for name in ("Begin", "Finish"):
        assert states[name]["Catch"] == [{"ErrorEquals": ["FileError"], "Next": "Reason"}]
    assert states["Reason"]["Parameters"] == {"raised.$": "States.StringToJson($.Cause)"}
    assert states[states["Reason"]["Next"]] == {
        "Type": "Fail",
        "Error": "FileError",
        "CausePath": "$.raised.errorMessage",
    }


def test_results_are_written_to_s3(scored: Synthesis) -> None:
    objects = definition(scored)["States"]["Objects"]

    assert objects["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert objects["ResultWriter"]["WriterConfig"] == {"OutputType": "JSONL", "Transformation": "FLATTEN"}
    assert objects["ResultWriter"]["Parameters"]["Prefix.$"] == "States.Format('{}_parts', $.output)"


def payloads(states: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The payload of each call of a run."""
    of_object = states["Objects"]["ItemProcessor"]["States"]
    inner = of_object["Ranges"]["ItemProcessor"]["States"]
    calls = {**states, **of_object, **inner}
    return {
        name: state["Parameters"] for name, state in calls.items() if "step" in state.get("Parameters", {})
    }


def test_every_call_of_a_run_names_the_bundle_that_served_when_it_began(scored: Synthesis) -> None:
    found = payloads(definition(scored)["States"])

    model = scored.by_path("Scoring/Scorer/Function/Resource")["Properties"]["Environment"]["Variables"]
    parts = model["MODEL_DATA_URL"]["Fn::Join"][1]
    url = "".join(part if isinstance(part, str) else json.dumps(part).replace('"', "'") for part in parts)
    assert {name: payload["model"] for name, payload in found.items()} == dict.fromkeys(
        ("Begin", "Score", "Split", "ScoreRange", "Finish"), url
    )


def test_with_a_bundle_that_is_reloaded_a_run_reads_its_version_first(synthesizer: Synthesizer) -> None:
    # No earlier bundle is kept of an object that is overwritten.
    stack = synthesizer.one(
        hosting="lambda",
        scoring_data="own",
        reload="60",
        bundle="s3://releases/model.tar.gz",
        alarm_email="team@example.com",
    )

    run = definition(stack)
    assert (run["StartAt"], run["States"]["Begin"]["ResultPath"]) == ("Begin", "$.begun")
    assert run["States"]["Objects"]["ItemSelector"]["version.$"] == "$.begun.version"
    calls = payloads(run["States"])
    assert calls.pop("Begin") == {"step": "begin", "output.$": "$.output"}
    # The last call scores nothing, so that a bundle which came after the last result fails no run.
    assert {name: payload.get("version.$") for name, payload in calls.items()} == {
        **dict.fromkeys(("Score", "Split", "ScoreRange"), "$.version"),
        "Finish": None,
    }
    assert not [name for name, payload in calls.items() if "model" in payload]


def test_errors_of_a_file_are_not_repeated(scored: Synthesis) -> None:
    states = definition(scored)["States"]
    [*retried] = {
        error
        for state in (states["Finish"], states["Objects"]["ItemProcessor"]["States"]["Score"])
        for retry in state["Retry"]
        for error in retry["ErrorEquals"]
    }

    assert {"S3Error", "Lambda.TooManyRequestsException"} < set(retried)
    assert not {"FileError", "States.ALL", "States.TaskFailed"} & set(retried)


def test_only_the_function_of_the_state_machine_may_write_results(scored: Synthesis) -> None:
    own = granted(scored, "Scoring/Scorer/Role/DefaultPolicy/Resource")
    of_api = granted(scored, "Model/Role/DefaultPolicy/Resource")

    assert own["s3:PutObject"] == ["/scores/*"]
    assert sorted(own["s3:GetObject"]) == ["/models/tiny/*", "/scores/*"]
    assert "s3:PutObject" not in of_api
    function = scored.by_path("Scoring/Scorer/Function/Resource")["Properties"]
    assert (function["Handler"], function["Timeout"]) == ("serving.scoring_handler.handler", 900)
    assert function["Code"] == scored.by_path("Model/Function/Resource")["Properties"]["Code"]


def test_the_state_machine_may_only_call_its_function_and_write_below_the_folder(scored: Synthesis) -> None:
    found = granted(scored, "Scoring/Role/DefaultPolicy/Resource")

    [function] = found["lambda:InvokeFunction"]
    assert "ScoringScorerFunction" in function
    assert found["s3:PutObject"] == ["/scores/*"]
    assert {action for action, places in found.items() if "*" in places} == {
        action for action in found if action.startswith("logs:")
    }


def test_another_folder_is_the_only_one_that_is_used(synthesizer: Synthesizer) -> None:
    stack = synthesizer.one(is_validated=True, hosting="lambda", scoring_data="s3://rows/a/b")

    own = granted(stack, "Scoring/Scorer/Role/DefaultPolicy/Resource")
    assert own["s3:PutObject"] == [":s3:::rows/a/b/*"]
    assert granted(stack, "Scoring/Role/DefaultPolicy/Resource")["s3:ListBucket"] == [":s3:::rows"]
    assert stack.template["Outputs"]["ScoringFolder"]["Value"] == "s3://rows/a/b"


def test_the_roles_may_use_the_key_of_another_bucket_for_its_objects_only(
    synthesizer: Synthesizer, scored: Synthesis
) -> None:
    stack = synthesizer.one(hosting="lambda", scoring_data="s3://rows/a/b")
    policies = ("Scoring/Scorer/Role/DefaultPolicy/Resource", "Scoring/Role/DefaultPolicy/Resource")

    for policy in policies:
        [uses] = [found for found in statements(stack, policy) if "kms:GenerateDataKey" in found["Action"]]
        assert uses["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
        assert [*uses["Condition"]["StringEquals"]] == ["kms:ViaService"]
        objects = uses["Condition"]["StringLike"]["kms:EncryptionContext:aws:s3:arn"]
        assert [found["Fn::Join"][1][-1] for found in objects] == [":s3:::rows", ":s3:::rows/a/b/*"]
        assert "kms:" not in str(statements(scored, policy))


def test_the_image_of_the_endpoints_scores_files_too(synthesizer: Synthesizer) -> None:
    stack = synthesizer.one(hosting="lambda", packaging="image", scoring_data="own")

    function = stack.by_path("Scoring/Scorer/Function/Resource")["Properties"]
    assert function["ImageConfig"]["Command"] == ["serving.scoring_handler.handler"]
