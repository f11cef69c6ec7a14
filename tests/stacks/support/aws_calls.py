"""The boto3 calls in source code, found in its syntax tree, and the IAM actions they need."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import boto3

from stacks.settings.settings import ROOT

# Service and method of boto3 -> actions of IAM.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
ACTIONS = {
    ("cloudformation", "describe_stacks"): {"cloudformation:DescribeStacks"},
    ("sagemaker", "create_model_package"): {"sagemaker:CreateModelPackage"},
    ("sagemaker", "delete_model_package"): {"sagemaker:DeleteModelPackage"},
    ("sagemaker", "describe_endpoint"): {"sagemaker:DescribeEndpoint"},
    ("sagemaker", "describe_model_package"): {"sagemaker:DescribeModelPackage"},
    ("sagemaker", "list_model_packages"): {"sagemaker:ListModelPackages"},
    ("sagemaker", "update_model_package"): {"sagemaker:UpdateModelPackage"},
    ("s3", "get_object"): {"s3:GetObject"},
    # Without s3:ListBucket, an absent object is answered 403.
    ("s3", "head_object"): {"s3:GetObject", "s3:ListBucket"},
    ("s3", "download_file"): {"s3:GetObject"},
    ("s3", "download_fileobj"): {"s3:GetObject"},
    ("s3", "copy_object"): {"s3:GetObject", "s3:PutObject"},
    ("s3", "put_object"): {"s3:PutObject"},
    ("s3", "delete_objects"): {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    ("s3", "list_object_versions"): {"s3:ListBucketVersions"},
    ("s3", "list_multipart_uploads"): {"s3:ListBucketMultipartUploads"},
    ("s3", "abort_multipart_upload"): {"s3:AbortMultipartUpload"},
}


def actions(sources: Iterable[str], *, functions: set[str] | None = None) -> set[str]:
    """Returns the IAM actions that the code needs.

    Args:
        sources: Files and folders of the checkout, clients included.
        functions: Names of functions, to consider only their calls.

    Raises:
        KeyError: When ACTIONS lacks a call of the code.
    """
    trees = [ast.parse(file.read_text()) for file in _files(sources)]
    services = {service for tree in trees for service in _services(tree)}
    methods = {service: _methods(service) for service in services}
    called = {name for tree in trees for name in _called(tree, functions)}
    return {
        action
        for service, known in methods.items()
        for name in called & known
        for action in ACTIONS[service, name]
    }


def _files(sources: Iterable[str]) -> Iterator[Path]:
    for source in sources:
        path = ROOT / source
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def _services(tree: ast.AST) -> Iterator[str]:
    for call in _calls(tree):
        if ast.unparse(call.func) in ("boto3.client", "boto3.resource"):
            yield str(ast.literal_eval(call.args[0]))


def _called(tree: ast.Module, functions: set[str] | None) -> Iterator[str]:
    """Yields names of called methods, and of the operations of paginators and waiters."""
    parts: list[ast.AST] = [tree]
    if functions is not None:
        parts = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in functions]
    for call in (call for part in parts for call in _calls(part)):
        if not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr in ("get_paginator", "get_waiter"):
            yield str(ast.literal_eval(call.args[0]))
        else:
            yield call.func.attr


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _methods(service: str) -> set[str]:
    client = boto3.client(service, region_name="us-east-1")
    transfers = {name for name in dir(client) if name.startswith(("download_", "upload_"))}
    return transfers | set(client.meta.method_to_api_mapping)
