"""Advice after AWS has refused a request, by the code and the message of the error."""

from botocore.exceptions import ClientError

ALLOW = "allow the actions of deploy-permissions.json in docs/deploy-from-github.md"
TRY_AGAIN = "try again in a minute"
SIGN_IN = "check your credentials, region and network"
_ASK = (
    "ask who sets the policies that AWS names: where a service control policy or a permissions boundary "
    "refuses, a permission of yours changes nothing"
)
_CORRECT = "correct what AWS names"
_FINISH = "wait until the stack is done: a deployment or a release is in progress"
_ROLL_BACK = (
    "remove the cause, which the events of the stack name, and finish its roll-back with `aws cloudformation "
    "continue-update-rollback --stack-name STACK`"
)
_SET_CLOCK = "set the clock of this machine"
_SIGN_IN_AGAIN = "sign in again, such as with `aws sso login`, or check your access key"
_SIGN_IN_OR_ENABLE = f"{_SIGN_IN_AGAIN}; in a region that is off by default, enable it for the account first"

# The first entry with a word in the message.
_BY_MESSAGE = (
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    (("explicit deny", "permissions boundary", "control policy"), _ASK),
    (("UPDATE_ROLLBACK_FAILED state",), _ROLL_BACK),
    (("_IN_PROGRESS state",), _FINISH),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
    (("Signature expired", "Signature not yet current"), _SET_CLOCK),
)
# The first entry with a word in the code.
_BY_CODE = (
    (("TimeTooSkewed",), _SET_CLOCK),
    # A region that the account has not enabled answers so too:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
    (("InvalidClientTokenId", "UnrecognizedClient"), _SIGN_IN_OR_ENABLE),
    (("Expired", "Token", "InvalidAccessKeyId", "Signature"), _SIGN_IN_AGAIN),
    (("OptInRequired",), _SIGN_IN_OR_ENABLE),
    (("Denied", "Unauthorized", "Forbidden", "NotAuthorized"), ALLOW),
    (("Throttl", "TooManyRequests", "ServiceUnavailable", "Internal"), TRY_AGAIN),
)


def way_out(error: ClientError) -> str:
    """Returns the advice for an error, as part of a sentence.

    https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
    """
    code, message = str(error.response.get("Error", {}).get("Code", "")), str(error)
    if code == "403":
        return ALLOW
    for text, table in ((message, _BY_MESSAGE), (code, _BY_CODE)):
        for words, advice in table:
            if any(word in text for word in words):
                return advice
    return _CORRECT
