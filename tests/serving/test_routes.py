"""Routes: the route of a method and a path, and the handlers of every server."""

import pytest

from serving.http.route import Route
from serving.problem import Problem
from serving.routes import Routes


def nothing(_exchange: object) -> None: ...


PING = Route("ping", "/ping", ("GET", "HEAD"), nothing)
LIST = Route("models", "/models", ("GET",), nothing)
LOAD = Route("models", "/models", ("POST",), nothing)
GET = Route("models", "/models/{name}", ("GET",), nothing)
INVOKE = Route("invocations", "/models/{name}/invoke", ("POST",), nothing)
ROUTES = Routes([PING, LIST, LOAD, GET, INVOKE])


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        (b"GET", b"/ping", PING),
        (b"HEAD", b"/ping", PING),
        (b"GET", b"/models", LIST),
        (b"POST", b"/models", LOAD),
        (b"GET", b"/models/a", GET),
        (b"GET", b"/models/models", GET),
        (b"POST", b"/models/a%2Fb/invoke", INVOKE),
    ],
)
def test_a_route_is_found_by_its_method_and_its_path(method: bytes, path: bytes, route: Route) -> None:
    assert ROUTES.find(method, path) == route


@pytest.mark.parametrize(
    "path", [b"", b"/", b"/ping/", b"/models/", b"/models//invoke", b"/models/a/b/invoke", b"*"]
)
def test_an_unknown_path_is_404_with_the_known_paths(path: bytes) -> None:
    with pytest.raises(Problem, match="/ping, /models, ") as refused:
        ROUTES.find(b"GET", path)

    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (b"/ping", b"GET, HEAD"),
        (b"/models", b"GET, POST"),
        (b"/models/a", b"GET"),
        (b"/models/a/invoke", b"POST"),
    ],
)
def test_a_method_that_is_not_allowed_is_405_with_the_allowed_methods(path: bytes, allowed: bytes) -> None:
    with pytest.raises(Problem) as refused:
        ROUTES.find(b"PATCH", path)

    assert (refused.value.status, refused.value.headers) == (405, ((b"allow", allowed),))
