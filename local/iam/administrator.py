"""The one IAM user of this AWS: the person who runs the commands of local/."""

from ministack.services import iam

from local.local_aws import ACCESS_KEY_ID, ACCOUNT, SECRET_ACCESS_KEY

ADMINISTRATOR = "you"
_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"


def add_administrator() -> None:
    """Adds the user with AdministratorAccess and the access key that the commands sign with."""
    iam._users[ADMINISTRATOR] = {
        "UserName": ADMINISTRATOR,
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/{ADMINISTRATOR}",
        "UserId": "AIDAIOSFODNN7EXAMPLE",
        "CreateDate": "2026-01-01T00:00:00Z",
        "Path": "/",
        "AttachedPolicies": [],
        "Tags": [],
    }
    iam.attach_managed_policy(iam._users[ADMINISTRATOR], _POLICY)
    iam._access_keys[ACCESS_KEY_ID] = {
        "UserName": ADMINISTRATOR,
        "AccessKeyId": ACCESS_KEY_ID,
        "SecretAccessKey": SECRET_ACCESS_KEY,
        "Status": "Active",
        "CreateDate": "2026-01-01T00:00:00Z",
    }
