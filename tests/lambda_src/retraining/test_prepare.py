"""State Prepare: what a run does, and that two runs never overlap."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.lambda_src.retraining.conftest import CHALLENGER, CHAMPION, Place, Start

Prepare = Callable[..., dict[str, Any]]


@pytest.fixture
def prepare(start: Start) -> Prepare:
    handler = start("prepare").handler

    def call(execution: str = "arn:one", **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = handler(
            {"input": given, "execution": execution, "start": "2026-11-27T06:00:00.123Z"}, None
        )
        return found

    return call


def test_new_rows_are_trained_on_beside_the_version_that_serves(place: Place, prepare: Prepare) -> None:
    place.put("rows/a.csv", "one")
    place.put("rows/b.csv", "two")
    place.put("rows/", "")

    found = prepare(because="schedule")

    assert found["next"] == "Train"
    run = found["run"]
    assert (run["because"], run["champion"]) == ("schedule", CHAMPION)
    assert run["champion_uri"] == f"s3://{place.name}/models/tiny/{CHAMPION}/model.tar.gz"
    assert (run["data"]["uri"], run["data"]["objects"], run["data"]["bytes"]) == (
        f"s3://{place.name}/rows/",
        2,
        6,
    )
    # The name of a job has 63 characters at most, and in ARNs no capitals.
    assert re.fullmatch(r"tiny-[0-9a-f]{8}-20261127060000-[0-9a-f]{6}", run["job"])


@pytest.mark.slow
def test_rows_of_an_earlier_training_are_not_new_unless_one_is_replaced(
    place: Place, prepare: Prepare
) -> None:
    place.put("rows/a.csv", "one")
    digest = prepare()["run"]["data"]["sha256"]
    place.package(CHALLENGER, "Rejected", data_sha256=digest)

    assert prepare()["next"] == "Nothing"
    assert (
        f"no new rows in s3://{place.name}/rows/ since the training of version {CHALLENGER}"
        in (prepare()["reason"])
    )
    assert prepare(force=True)["next"] == "Train"
    place.put("rows/a.csv", "two")
    assert prepare()["next"] == "Train"


def test_only_the_newest_versions_are_looked_at(
    place: Place, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = start("prepare")
    place.put("rows/a.csv", "one")
    event = {"input": {}, "execution": "arn:one", "start": "2026"}
    digest = handler.handler(event, None)["run"]["data"]["sha256"]
    place.package(CHALLENGER, "Approved", data_sha256=digest)
    place.package(CHAMPION, "Approved")

    monkeypatch.setattr(handler, "_MOST_VERSIONS", 1)
    assert handler.handler(event, None)["next"] == "Train"
    monkeypatch.setattr(handler, "_MOST_VERSIONS", 2)
    assert handler.handler(event, None)["next"] == "Nothing"


def test_a_run_without_rows_says_where_to_put_them(place: Place, prepare: Prepare) -> None:
    assert prepare() == {
        "next": "Nothing",
        "run": {"because": "manual"},
        "reason": f"There are no rows in s3://{place.name}/rows/: put files of rows there.",
    }


def test_two_runs_never_overlap(place: Place, prepare: Prepare) -> None:
    place.put("rows/a.csv", "one")
    first, second = place.execution(running=True), place.execution(running=True)

    assert prepare(first)["next"] == "Train"
    # The same run may ask again, another one may not.
    assert prepare(first)["next"] == "Train"
    assert prepare(second)["reason"] == f"Another run is in progress: {first}."
    place.aws.client("stepfunctions").stop_execution(executionArn=first)
    assert prepare(second)["next"] == "Train"


def test_an_approved_version_is_released_without_a_training(place: Place, prepare: Prepare) -> None:
    package = place.package(CHALLENGER, "Approved")

    found = prepare(because="approval", package=package)

    assert found["next"] == "Release"
    assert found["registered"] == {"version": CHALLENGER, "package": package}
    assert found["run"]["champion"] == CHAMPION


@pytest.mark.parametrize(
    ("version", "status", "reason"),
    [
        (CHALLENGER, "Rejected", f"Version {CHALLENGER} is Rejected, not Approved."),
        # Such as that of a deployment.
        (CHAMPION, "Approved", f"Version {CHAMPION} serves already."),
    ],
)
def test_other_versions_are_not_released(
    place: Place, prepare: Prepare, version: str, status: str, reason: str
) -> None:
    found = prepare(because="approval", package=place.package(version, status))

    assert (found["next"], found["reason"]) == ("Nothing", reason)


def test_a_person_is_told_of_an_approval_that_meets_another_run(place: Place, prepare: Prepare) -> None:
    other = place.execution(running=True)
    place.put("retraining/lock.json", f'{{"execution": "{other}"}}')

    found = prepare(because="approval", package=place.package(CHALLENGER, "Approved"))

    assert (found["next"], found["mailed"]) == ("Nothing", True)
    assert found["reason"] == (
        f"Another run is in progress: {other}. Version {CHALLENGER} is approved and not released: "
        f"`make promote VERSION={CHALLENGER}` releases it then."
    )
    # The registration of a deployment is an approval too, of what serves already.
    found = prepare(because="approval", package=place.package(CHAMPION, "Approved"))
    assert "mailed" not in found
    assert found["reason"] == f"Version {CHAMPION} serves already."


def test_a_version_of_a_paused_service_is_not_released_because_nothing_could_prove_it(
    place: Place, prepare: Prepare
) -> None:
    place.pause()

    found = prepare(because="approval", package=place.package(CHALLENGER, "Approved"))

    assert (found["next"], found["mailed"]) == ("Nothing", True)
    assert found["reason"].startswith(
        "The service is paused, and no version can be proven: `make wake` starts"
    )


def test_a_paused_service_trains_only_what_waits_for_a_person(
    place: Place, prepare: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("rows/a.csv", "one")
    place.pause()

    assert prepare()["next"] == "Train"
    monkeypatch.setenv("RELEASES", "true")
    assert prepare()["next"] == "Nothing"


def test_a_run_goes_on_at_the_state_that_failed_while_the_same_version_serves(prepare: Prepare) -> None:
    state = {"run": {"champion": CHAMPION}, "trained": {"job": "a", "model": "s3://b/c"}}

    assert prepare(because="resume", resume="Judge", state=state) == {**state, "next": "Judge"}
    other = {"run": {"champion": CHALLENGER}}
    assert f"Version {CHAMPION} serves" in prepare(because="resume", resume="Judge", state=other)["reason"]


@pytest.mark.parametrize("state", ["Release", "Verify"])
@pytest.mark.parametrize(("serving", "next_state"), [(CHAMPION, "Release"), (CHALLENGER, "Verify")])
def test_a_release_that_failed_goes_on_with_what_its_version_lacks(
    place: Place, prepare: Prepare, state: str, serving: str, next_state: str
) -> None:
    package = place.package(CHALLENGER, "Approved")
    before = {"run": {"champion": CHAMPION}, "registered": {"version": CHALLENGER, "package": package}}
    if serving != CHAMPION:
        place.release(serving)

    assert prepare(because="resume", resume=state, state=before) == {**before, "next": next_state}
    place.release("cccccccccccc")
    other = prepare(because="resume", resume=state, state=before)
    assert (other["next"], "Version cccccccccccc serves" in other["reason"]) == ("Nothing", True)


@pytest.mark.parametrize("state", ["Release", "Verify"])
def test_a_run_whose_release_was_undone_names_the_ways_to_go_on(
    place: Place, prepare: Prepare, state: str
) -> None:
    package = place.package(CHALLENGER, "Rejected")
    before = {"run": {"champion": CHAMPION}, "registered": {"version": CHALLENGER, "package": package}}

    found = prepare(because="resume", resume=state, state=before)

    assert found["next"] == "Nothing"
    assert found["reason"] == (
        f"Version {CHALLENGER} is Rejected, not Approved: its release failed or was undone. "
        f"`make promote VERSION={CHALLENGER}` releases it again, and `make retrain ARGS=--force` trains a "
        "new one."
    )


def test_a_run_that_waits_for_the_end_of_an_update_holds_no_lock(
    place: Place, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = start("prepare")
    monkeypatch.setattr(prepare.ServedStack, "_describe", lambda _: {"StackStatus": "UPDATE_IN_PROGRESS"})

    with pytest.raises(Exception, match="The stack is UPDATE_IN_PROGRESS"):
        prepare.handler({"input": {}, "execution": "arn:one", "start": "2026"}, None)

    listed = place.aws.client("s3").list_objects_v2(Bucket=place.name, Prefix="retraining/")
    assert listed["KeyCount"] == 0
