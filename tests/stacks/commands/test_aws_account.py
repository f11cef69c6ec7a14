"""Account of a stack: what to do about each kind of refusal by AWS."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.refusals import way_out
from tests.stacks.support.aws_server import AwsServer

SIGN_IN_OR_ENABLE = (
    "sign in again, such as with `aws sso login`, or check your access key; in a region that is off by "
    "default, enable it for the account first"
)


def refused(code: str, message: str = "It is so.") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "StartExecution")


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        (
            "AccessDenied",
            "User: ada is not authorized to perform: x with an explicit deny in a service control policy",
            "ask who sets the policies that AWS names",
        ),
        (
            "AccessDenied",
            "User: ada is not authorized to perform: x because no permissions boundary allows the x action",
            "ask who sets the policies that AWS names",
        ),
        (
            "ValidationError",
            "Stack:arn:aws:a is in UPDATE_IN_PROGRESS state and can not be updated.",
            "wait until the stack is done",
        ),
        (
            "ValidationError",
            "Stack:arn:aws:a is in UPDATE_ROLLBACK_FAILED state and can not be updated.",
            "remove the cause",
        ),
        ("InvalidSignatureException", "Signature expired: 1 is now earlier than 2", "set the clock"),
    ],
)
def test_the_message_says_more_than_the_code(code: str, message: str, advice: str) -> None:
    assert way_out(refused(code, message)).startswith(advice)


class Flaky:
    """A client whose first calls fail."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)

    def describe_stacks(self) -> str:
        if self._errors:
            raise self._errors.pop(0)
        return "described"


def answered_by(client: Flaky, monkeypatch: pytest.MonkeyPatch) -> AwsAccount:
    monkeypatch.setattr(AwsAccount, "_client", lambda _self, _name: client)
    return AwsAccount({}, verb="promote")


def read(account: AwsAccount) -> Any:
    return account.read("cloudformation", "describe_stacks", action="cloudformation:DescribeStacks")


NO_NETWORK = EndpointConnectionError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com")


@pytest.mark.parametrize("fault", [NO_NETWORK, refused("Throttling")], ids=["network", "throttling"])
def test_a_fault_that_passes_ends_nothing_that_is_followed(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    pauses: list[None] = []
    account = answered_by(Flaky(fault, fault), monkeypatch)

    assert read(account.patient(pause=lambda: pauses.append(None))) == "described"
    assert len(pauses) == 2

    with pytest.raises(UnreadableAccountError):
        read(answered_by(Flaky(fault), monkeypatch))


def test_expired_credentials_end_what_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    account = answered_by(Flaky(refused("ExpiredToken")), monkeypatch)

    with pytest.raises(UnreadableAccountError, match="sign in again"):
        read(account.patient(pause=lambda: None))


def test_all_sessions_of_an_account_assume_a_role_once(
    aws: AwsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each assumption would ask for a code of MFA, also in the thread of golden rows.
    config = tmp_path / "config"
    config.write_text(
        "[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n"
        "[profile deployer]\nrole_arn = arn:aws:iam::111122223333:role/deployer\nsource_profile = base\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", aws.url)
    aws.assume_role()
    account = AwsAccount({"AWS_REGION": "eu-west-1"}, profile="deployer")

    keys = [account.session.get_credentials().get_frozen_credentials().access_key for _ in range(2)]

    assert keys == ["ASSUMED", "ASSUMED"]
    assert [call.operation for call in aws.calls] == ["AssumeRole"]


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "allow states:StartExecution to your credentials"),
        ("403", "allow states:StartExecution to your credentials"),
        ("ExpiredTokenException", "sign in again, such as with `aws sso login`, or check your access key"),
        ("InvalidClientTokenId", SIGN_IN_OR_ENABLE),
        ("UnrecognizedClientException", SIGN_IN_OR_ENABLE),
        ("RequestTimeTooSkewed", "set the clock of this machine"),
        ("ThrottlingException", "try again in a minute"),
        ("ExecutionAlreadyExists", "correct what AWS names"),
    ],
)
def test_each_kind_of_refusal_has_its_way_out(
    monkeypatch: pytest.MonkeyPatch, code: str, advice: str
) -> None:
    def start_execution(**_: Any) -> None:
        raise refused(code)

    account = AwsAccount({"AWS_REGION": "eu-west-1"}, verb="score")
    monkeypatch.setattr(account, "_client", lambda _: SimpleNamespace(start_execution=start_execution))

    with pytest.raises(UnreadableAccountError) as raised:
        account.change("stepfunctions", "start_execution", action="states:StartExecution")

    assert str(raised.value).startswith("`make score` ends here: states:StartExecution fails: ")
    assert str(raised.value).endswith(f"It is so. To go on, {advice}.")
