"""What the API answers, held against the bundle."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from api import join_with_and
from bundle import Manifest
from smoke.api import Answer, Api
from smoke.errors import UnprovenError

TOLERANCE = 1e-4
_SHOWN = 3


def check_health(api: Api, manifest: Manifest) -> str:
    """GET /health is 200 and names the bundle's version.

    Raises:
        UnprovenError: It is not so.
    """
    if (version := _version(_well(api))) != manifest.version:
        raise UnprovenError(f"GET /health answers with version {version}, the bundle is {manifest.version}")
    return f"GET /health answers 200 with version {version}"


def check_health_of_several(api: Api, manifests: Sequence[Manifest]) -> str:
    """GET /health is 200 and names the version of each bundle.

    Raises:
        UnprovenError: It is not so.
    """
    answer = _well(api)
    expected = {manifest.name: manifest.version for manifest in manifests}
    found = {name: _version_of(name, answer) for name in expected}
    if wrong := [name for name, version in expected.items() if found[name] != version]:
        raise UnprovenError(
            "; ".join(
                f"GET /health answers with version {found[name]} of {name}, the bundle is {expected[name]}"
                for name in wrong
            )
        )
    told = join_with_and(f"{version} of {name}" for name, version in expected.items())
    return f"GET /health answers 200 with the versions {told}"


def check_version(api: Api, manifest: Manifest, *, output: str, follows: bool = False) -> str:
    """The version that predicts is the bundle's, and the stack's output of it says so.

    Args:
        api: The API.
        manifest: The bundle's.
        output: The stack's output ModelVersion, or a model's own.
        follows: Whether what is served follows a bundle in S3, which may have changed since the deployment.

    Raises:
        UnprovenError: It is not so.
    """
    answer = api.predict(manifest.golden[0].instance)
    if answer.status != HTTPStatus.OK:
        raise UnprovenError(f"POST /predict answers {answer}, not 200")
    version = _version(answer)
    if follows and version == manifest.version:
        return f"version {version} answers, the bundle's; {output} was deployed"
    if not version == output == manifest.version:
        raise UnprovenError(
            f"version {version} answers, the bundle is {manifest.version}, the stack's output says {output}"
        )
    return f"version {version} answers, the bundle's and the stack's"


def check_golden(api: Api, manifest: Manifest) -> str:
    """Every golden row gets its golden prediction: numbers within 1e-4, labels equal.

    Raises:
        UnprovenError: It is not so; the first rows that differ are shown.
    """
    wrong = []
    for position, golden in enumerate(manifest.golden):
        answer = api.predict(golden.instance)
        if not _is_golden(answer, golden.prediction):
            wrong.append(f"row {position} gets {_shown(answer)}, not {golden.prediction}")
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise UnprovenError(
            f"{len(wrong)} of {len(manifest.golden)} golden rows differ: {'; '.join(wrong[:_SHOWN])}{more}"
        )
    return f"{len(manifest.golden)} of {len(manifest.golden)} golden rows get their golden prediction"


def check_refusal(api: Api, manifest: Manifest, *, without: str) -> str:
    """A request of a stranger is refused.

    Args:
        api: The API.
        manifest: The bundle's.
        without: What the stranger lacks.

    Raises:
        UnprovenError: It is not so.
    """
    answer = api.predict(manifest.golden[0].instance, authorized=False)
    if answer.status != HTTPStatus.FORBIDDEN:
        raise UnprovenError(f"POST /predict without {without} answers {answer}, not 403")
    return f"POST /predict without {without} answers 403"


def _well(api: Api) -> Answer:
    answer = api.health()
    if answer.status != HTTPStatus.OK:
        raise UnprovenError(f"GET /health answers {answer}, not 200")
    return answer


def _version_of(model: str, answer: Answer) -> str | None:
    match answer.body:
        case {"models": {**models}}:
            return _version(Answer(status=answer.status, body={"model": models.get(model)}))
    return None


def _version(answer: Answer) -> str | None:
    match answer.body:
        case {"model": {"version": str(version)}}:
            return version
    return None


def _is_golden(answer: Answer, golden: Mapping[str, Any]) -> bool:
    match answer:
        case Answer(status=HTTPStatus.OK, body={"predictions": [{**prediction}]}):
            return prediction.keys() == golden.keys() and all(
                _is_same(prediction[key], value) for key, value in golden.items()
            )
    return False


def _is_same(value: Any, golden: Any) -> bool:
    if isinstance(value, int | float) and isinstance(golden, int | float):
        return abs(value - golden) <= TOLERANCE
    return bool(value == golden)


def _shown(answer: Answer) -> str:
    match answer:
        case Answer(status=HTTPStatus.OK, body={"predictions": [prediction]}):
            return str(prediction)
    return str(answer)
