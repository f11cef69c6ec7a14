"""HTTP server with the reading calls of `make deploy`: CloudFormation, SageMaker, ECR and others."""

import json
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

# The outputs of every stack.
OUTPUTS = ("PredictUrl", "HealthUrl", "ModelVersion", "ApiKeyId")


class Call(NamedTuple):
    """A received call: operation and parameters."""

    operation: str
    parameters: dict[str, Any]


class AwsServer:
    """Responses by operation, or by operation and stack, and the received calls.

    Attributes:
        calls: The received calls.
        outputs: Further outputs of stacks that are added.
    """

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Call] = []
        self.outputs: dict[str, str] = {}
        self._responses: dict[tuple[str, str | None], tuple[HTTPStatus, str]] = {}

    def reset(self) -> None:
        """Forgets all calls and responses; the account is empty, and has the number 111122223333."""
        self.calls, self._responses, self.outputs = [], {}, {}
        self.refuse("DescribeStacks", "ValidationError", "Stack with id X does not exist")
        self.refuse("DescribeEndpoint", "ValidationException", 'Could not find endpoint "X".')
        self.respond("GetAccount", {})
        self.respond("GetApiKey", {"value": "secret"})
        self.respond("ListServiceQuotas", {"Quotas": []})
        self.respond("ListAWSDefaultServiceQuotas", {"Quotas": []})
        function = {"Version": "1", "State": "Active", "LastUpdateStatus": "Successful"}
        self.respond("GetFunctionConfiguration", function)
        self._respond_xml(
            "GetCallerIdentity",
            "<Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/ada</Arn>",
        )

    def respond(self, operation: str, document: dict[str, Any]) -> None:
        """Sets the response of an operation with JSON."""
        self._responses[operation, None] = HTTPStatus.OK, json.dumps(document)

    def refuse(self, operation: str, code: str, message: str) -> None:
        """Sets the error of an operation."""
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        is_xml = operation in (
            "DescribeStacks",
            "GetTemplate",
            "GetCallerIdentity",
            "UpdateStack",
            "DescribeStackEvents",
            "ListStackResources",
        )
        document = json.dumps({"__type": code, "message": message})
        body = f"<ErrorResponse>{error}</ErrorResponse>" if is_xml else document
        self._responses[operation, None] = HTTPStatus.BAD_REQUEST, body

    def assume_role(self) -> None:
        """Admits the caller to each role."""
        self._respond_xml(
            "AssumeRole",
            "<Credentials><AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            "<SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>"
            "<AssumedRoleUser><AssumedRoleId>a:b</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/a/b</Arn>"
            "</AssumedRoleUser>",
        )

    def deploy(
        self,
        name: str,
        template: str,
        *,
        status: str = "CREATE_COMPLETE",
        **parameters: str,
    ) -> None:
        """Adds a stack with its template and the values of the template's parameters.

        Its resources are named after their logical ids, and its endpoint serves the stack's configuration.
        """
        members = _members(parameters, "Parameter")
        usual = dict.fromkeys(OUTPUTS, "https://api.invalid/v1/predict") | {"EndpointName": name}
        shown = _members(usual | self.outputs, "Output")
        stack = (
            f"<Stacks><member><StackName>{name}</StackName><StackStatus>{status}</StackStatus>"
            "<CreationTime>2026-01-01T00:00:00Z</CreationTime>"
            f"<Parameters>{members}</Parameters><Outputs>{shown}</Outputs></member></Stacks>"
        )
        resources = "".join(
            f"<member><LogicalResourceId>{logical_id}</LogicalResourceId>"
            f"<PhysicalResourceId>{name if logical_id == 'Function' else logical_id}</PhysicalResourceId>"
            f"<ResourceType>{resource['Type']}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>"
            "<LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>"
            for logical_id, resource in _resources(template).items()
        )
        self._respond_xml(
            "ListStackResources", f"<StackResourceSummaries>{resources}</StackResourceSummaries>", stack=name
        )
        if self._responses["DescribeEndpoint", None][0] != HTTPStatus.OK:
            self.serve({})
        self._respond_xml("DescribeStacks", stack, stack=name)
        self._respond_xml("GetTemplate", f"<TemplateBody>{escape(template)}</TemplateBody>", stack=name)

    def serve(self, endpoint: dict[str, Any]) -> None:
        """Sets what DescribeEndpoint says about the endpoint of configuration Config in service."""
        described = {"EndpointName": "X", "EndpointConfigName": "Config", "EndpointStatus": "InService"}
        self.respond("DescribeEndpoint", described | endpoint)

    def accept_update(self, *events: tuple[str, str]) -> None:
        """Accepts UpdateStack; the events are statuses of the endpoint with their reasons, newest first."""
        members = "".join(
            f"<member><StackId>1</StackId><EventId>{number}</EventId><StackName>X</StackName>"
            "<LogicalResourceId>Endpoint</LogicalResourceId><ResourceType>AWS::SageMaker::Endpoint"
            "</ResourceType><Timestamp>2026-01-01T00:00:00Z</Timestamp>"
            f"<ClientRequestToken>{{token}}</ClientRequestToken><ResourceStatus>{status}</ResourceStatus>"
            f"<ResourceStatusReason>{escape(reason)}</ResourceStatusReason></member>"
            for number, (status, reason) in enumerate(events)
        )
        self._respond_xml("UpdateStack", "<StackId>1</StackId>")
        self._respond_xml("DescribeStackEvents", f"<StackEvents>{members}</StackEvents>")

    def forget(self, operation: str, stack: str) -> None:
        """Removes the response of an operation for a stack."""
        del self._responses[operation, stack]

    def operations(self) -> list[str]:
        """The operations of all received calls."""
        return [call.operation for call in self.calls]

    def answer(self, operation: str, parameters: dict[str, Any]) -> tuple[HTTPStatus, bytes]:
        """Records a call; returns status and body of its response."""
        self.calls.append(Call(operation, parameters))
        for stack in (parameters.get("StackName"), None):
            if (operation, stack) in self._responses:
                status, body = self._responses[operation, stack]
                if operation == "DescribeStackEvents":
                    [update] = [call for call in self.calls if call.operation == "UpdateStack"]
                    body = body.replace("{token}", update.parameters["ClientRequestToken"])
                return status, body.encode()
        raise AssertionError(f"There is no response to {operation}.")

    def _respond_xml(self, operation: str, result: str, *, stack: str | None = None) -> None:
        wrapped = f"<{operation}Result>{result}</{operation}Result>"
        document = f"<{operation}Response>{wrapped}</{operation}Response>"
        self._responses[operation, stack] = HTTPStatus.OK, document


def _resources(template: str) -> dict[str, Any]:
    """Returns the resources of a template; none of one that is not JSON."""
    found: dict[str, Any] = json.loads(template).get("Resources", {}) if template.startswith("{") else {}
    return found


def _members(values: Mapping[str, str], kind: str) -> str:
    return "".join(
        f"<member><{kind}Key>{key}</{kind}Key><{kind}Value>{value}</{kind}Value></member>"
        for key, value in values.items()
    )


@contextmanager
def serve_aws() -> Iterator[AwsServer]:
    """Runs the server on a free port."""
    aws = AwsServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # The only calls without a body are of API Gateway's account and key, and of a function.
            operations = {"functions": "GetFunctionConfiguration", "apikeys": "GetApiKey"}
            named = [name for part, name in operations.items() if f"/{part}/" in self.path]
            self._send(*aws.answer(next(iter(named), "GetAccount"), {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            if target := self.headers.get("x-amz-target"):
                self._send(*aws.answer(target.rpartition(".")[2], json.loads(body)))
            else:
                query = {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}
                self._send(*aws.answer(query.pop("Action"), query))

        def _send(self, status: HTTPStatus, response: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(response)))
            self.end_headers()
            self.wfile.write(response)

        def log_message(self, format: str, *args: Any) -> None:
            """Logs nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        aws.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield aws
        finally:
            server.shutdown()
            thread.join()
