"""Account of a stack: what to do about each kind of refusal by AWS."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "It is so."}}, "StartExecution")


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "allow states:StartExecution to your credentials"),
        ("403", "allow states:StartExecution to your credentials"),
        ("ExpiredTokenException", "sign in again, such as with `aws sso login`, or check your access key"),
        ("InvalidClientTokenId", "sign in again, such as with `aws sso login`, or check your access key"),
        (
            "UnrecognizedClientException",
            "sign in again, such as with `aws sso login`, or check your access key",
        ),
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
