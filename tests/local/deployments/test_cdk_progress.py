"""Progress of a deployment from the output of the CDK CLI."""

from pathlib import Path

from local.deployments.cdk_progress import CdkProgress

EVENT = "Tiny | {:>3}/{} | 10:00:00 AM | {:<20} | AWS::IAM::Role | Role\n"
SYNTHESIZED = "\n\u2728  Synthesis time: 3.05s\n"


def follow(tmp_path: Path, *lines: str) -> list[str]:
    shown: list[str] = []
    CdkProgress(tmp_path / "cdk.log", show=shown.append).follow(lines)
    assert (tmp_path / "cdk.log").read_text(encoding="utf-8") == "".join(lines)
    return shown


def test_a_deployment_is_a_few_lines_and_all_of_it_is_in_the_log(tmp_path: Path) -> None:
    events = [EVENT.format(done, 52, "CREATE_COMPLETE") for done in range(53)]
    outputs = ["Outputs:\n", "Tiny.PredictUrl = https://abc.execute-api.us-east-1.amazonaws.com/v1/predict\n"]

    shown = follow(tmp_path, SYNTHESIZED, "Tiny: start: Building\n", *events, *outputs)

    assert shown == [
        "The template is written; CloudFormation deploys it ...",
        "13 of 52 steps are done.",
        "26 of 52 steps are done.",
        "39 of 52 steps are done.",
        "52 of 52 steps are done.",
    ]


def test_what_our_own_programs_print_before_the_synthesis_is_shown(tmp_path: Path) -> None:
    sentence = "The setting instance_cuont is '3', and there is no such setting: did you mean instance_count?"

    assert follow(tmp_path, "Training iris.\n", "\n", f"{sentence}\n") == ["Training iris.", sentence]


def test_a_failure_and_all_after_it_are_shown(tmp_path: Path) -> None:
    failed = EVENT.format(3, 52, "CREATE_FAILED").rstrip()
    reason = "the function crashed"

    shown = follow(tmp_path, SYNTHESIZED, f"{failed}\n", f"{reason}\n")

    assert shown[1:] == [failed, reason]


def test_a_deployment_without_changes_says_so(tmp_path: Path) -> None:
    assert follow(tmp_path, SYNTHESIZED, "Tiny (no changes)\n")[1:] == ["Tiny (no changes)"]
