"""State machine with a log and a role of its own."""

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Match, Template

from stacks.functions.logged_state_machine import (
    arn_of_executions,
    make_state_machine,
    make_state_machine_role,
)

GRANTS: dict[tuple[str, ...], list[str]] = {
    ("lambda:InvokeFunction",): ["arn:aws:lambda:eu-west-1:123456789012:function:one"]
}


def template() -> Template:
    """A stack with a state machine of one state."""
    stack = cdk.Stack(cdk.App(), "Stack")
    role = make_state_machine_role(stack, "Role", grants=GRANTS)
    definition = sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Only"))
    machine = make_state_machine(stack, "Machine", definition=definition, role=role, keeps_data=False)
    cdk.CfnOutput(stack, "Executions", value=arn_of_executions(machine))
    return Template.from_stack(stack)


def test_the_role_has_its_grants_and_delivers_the_log_and_nothing_more() -> None:
    policies = template().find_resources("AWS::IAM::Policy")

    [policy] = policies.values()
    granted, delivery = policy["Properties"]["PolicyDocument"]["Statement"]
    assert granted["Action"] == "lambda:InvokeFunction"
    assert granted["Resource"] == GRANTS[("lambda:InvokeFunction",)][0]
    assert all(action.startswith("logs:") for action in delivery["Action"])


def test_only_the_account_may_have_step_functions_assume_the_role() -> None:
    template().has_resource_properties(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Effect": "Allow",
                        "Principal": {"Service": "states.amazonaws.com"},
                        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                    }
                ],
                "Version": "2012-10-17",
            }
        },
    )


def test_it_is_created_after_its_permissions_and_logs_no_data() -> None:
    found = template()

    [policy] = found.find_resources("AWS::IAM::Policy")
    found.has_resource(
        "AWS::StepFunctions::StateMachine",
        {
            "DependsOn": [policy],
            "Properties": {"LoggingConfiguration": Match.object_like({"IncludeExecutionData": False})},
        },
    )


def test_the_name_of_the_log_needs_no_room_in_the_resource_policy_of_the_account() -> None:
    [log] = template().find_resources("AWS::Logs::LogGroup").values()

    prefix, digits = log["Properties"]["LogGroupName"]["Fn::Join"][1]
    assert prefix == "/aws/vendedlogs/states/Stack-Stack-"
    assert {"Ref": "AWS::StackId"} in digits["Fn::Select"][1]["Fn::Split"][1]["Fn::Select"][1]["Fn::Split"]


def test_the_pattern_of_executions_names_the_state_machine() -> None:
    [output] = template().find_outputs("Executions").values()

    parts = output["Value"]["Fn::Join"][1]
    assert ":execution:" in str(parts)
    assert parts[-1] == ":*"
