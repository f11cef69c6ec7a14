"""The one table of errors, held against the programs that answer with them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from api.errors import ERRORS
from lambda_src.invoker.causes import CAUSES
from serving.problem import Problem
from stacks.api.gateway_problems import GATEWAY_PROBLEMS

ROOT = Path(__file__).parents[2]
TOLD = {error.status: error for error in ERRORS}
# What SageMaker alone gets to see: from slow or oversized heads, and from the multi-model API.
INSIDE = {408, 409, 431, 507}
# What API Gateway calls UNAUTHORIZED comes from authorizers, and this API has none.
NEVER = {401}


def statuses_of_the_container() -> Iterator[int]:
    """The statuses that serving's code gives its problems."""
    for path in (ROOT / "serving").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                status = node.args[0]
                assert isinstance(status, ast.Constant), f"{path}: {ast.unparse(node)}"
                assert isinstance(status.value, int)
                if status.value not in INSIDE:
                    yield status.value


def statuses_of_the_gateway() -> set[int]:
    return {int(problem.status) for problem in GATEWAY_PROBLEMS.values()}


def test_every_status_of_the_container_is_told() -> None:
    found = set(statuses_of_the_container())

    assert {400, 406, 413, 415, 422, 503} <= found
    assert found - TOLD.keys() == set()


def test_every_status_of_the_invoker_is_told() -> None:
    assert {cause.status for cause in CAUSES.values()} - TOLD.keys() == set()


def test_every_status_of_the_gateway_is_told() -> None:
    assert statuses_of_the_gateway() - TOLD.keys() == NEVER


def test_every_status_that_is_told_comes_from_somewhere() -> None:
    invoker = {cause.status for cause in CAUSES.values()}

    found = set(statuses_of_the_container()) | invoker | statuses_of_the_gateway()

    assert TOLD.keys() - found == set()


def test_titles_are_those_of_the_problems_themselves() -> None:
    for cause in CAUSES.values():
        assert TOLD[cause.status].title == cause.title
    for status in set(statuses_of_the_container()):
        assert f'"title":"{TOLD[status].title}"' in Problem(status, "").encode().decode()


def test_what_can_be_tried_again_is_what_says_when() -> None:
    by_invoker = {cause.status for cause in CAUSES.values() if cause.retry_after is not None}
    by_gateway = {int(found.status) for found in GATEWAY_PROBLEMS.values() if found.retry_after is not None}

    assert {status for status, error in TOLD.items() if error.retry} == by_invoker | by_gateway
