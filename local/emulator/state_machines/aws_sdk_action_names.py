"""Names of services, members and errors in the AWS SDK for Java 2, which Step Functions uses.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import functools
import re

import botocore.session

# Services whose name in resources is not that of botocore without hyphens.
_SERVICES = {"sfn": "stepfunctions", "cloudwatchlogs": "logs", "eventbridge": "events"}
_WORDS = {"dynamodb": "DynamoDb"}
# Reserved in other languages.
_MEMBERS = {"NULL": "Nul"}

_session = functools.cache(botocore.session.get_session)


def botocore_name(service: str) -> str:
    """Returns botocore's name of a service, such as logs of cloudwatchlogs; "" if there is none."""
    names = {name.replace("-", ""): name for name in _session().get_available_services()}
    return str(_SERVICES.get(service, names.get(service, "")))


def error_prefix(service: str) -> str:
    """Returns the prefix of the errors of a service of botocore: CloudWatchLogs, Sns, SageMaker."""
    words = _session().get_service_model(service).service_id.split()
    return "".join(
        _WORDS.get(word.lower(), word.capitalize() if word.isupper() else first_capital(word))
        for word in words
    )


def error_name(shape: str) -> str:
    """Returns the name of an error: ResourceNotFound is ResourceNotFoundException."""
    name = java_name(shape.removesuffix("Fault"))
    return name if name.endswith("Exception") else f"{name}Exception"


def java_name(name: str) -> str:
    """Returns the name of a member: DBClusters is DbClusters, and VolumeSizeInGB stays.

    https://github.com/aws/aws-sdk-java-v2/blob/master/codegen/src/main/java/software/amazon/awssdk/codegen/naming/DefaultNamingStrategy.java
    """
    if name in _MEMBERS:
        return _MEMBERS[name]
    capitals = re.match(r"[A-Z]*", name)
    count = len(capitals[0]) if capitals else 0
    # The last of them begins the next word.
    count = max(count - name[count : count + 1].islower(), 0)
    return first_capital(name[:count].lower() + name[count:])


def first_capital(name: str) -> str:
    """Returns a name with a capital in front, as the optimized integrations have it."""
    return name[:1].upper() + name[1:]
