"""ARNs of resources in the account of this machine."""

from local.local_aws import ACCOUNT, REGION


def alarm_arn(name: str) -> str:
    """Returns the ARN of a CloudWatch alarm."""
    return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"


def function_arn(name: str) -> str:
    """Returns the ARN of a Lambda function."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def log_stream_arn(group: str, stream: str = "") -> str:
    """Returns the ARN that CloudWatch Logs decides about; the policy of a group ends in :*.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:{stream}"


def deployment_group_arn(application: str, group: str) -> str:
    """Returns the ARN of a deployment group of CodeDeploy."""
    return f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:{application}/{group}"


def rule_arn(name: str) -> str:
    """Returns the ARN of a rule of the default event bus."""
    return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"


def parameter_arn(name: str) -> str:
    """Returns the ARN of a parameter of Parameter Store."""
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.lstrip('/')}"
