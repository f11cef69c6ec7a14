"""Table of versions: the champion's star, distances of figures, and packages of other tools."""

import dataclasses

from stacks.commands.models.registered_version import RegisteredVersion
from stacks.commands.models.version_table import version_documents, version_table

CHAMPION = RegisteredVersion(
    arn="arn:aws:sagemaker:us-east-1:000000000000:model-package/tiny-1/2",
    approval="Approved",
    approved_by="Ada: better",
    registered_at="2026-01-31T12:00:00Z",
    properties={
        "version": "ab12cd34ef56",
        "source": "retraining",
        "rows": "1200",
        "first_day": "2019-01-01",
        "last_day": "2019-12-31",
        "metrics": "auc=0.75 brier=0.1",
        "released_at": "2026-02-01T08:30:00Z",
        "replaced": "000000000001",
    },
    source={},
)
CHALLENGER = dataclasses.replace(
    CHAMPION,
    approval="Rejected",
    approved_by="judge: no better",
    properties={"version": "000000000003", "source": "retraining", "metrics": "auc=0.74 recall=0.5"},
)
FOREIGN = dataclasses.replace(CHAMPION, approval="PendingManualApproval", approved_by="", properties={})


def test_the_version_that_serves_has_a_star_and_the_others_their_distance_from_it() -> None:
    heading, champion, challenger = version_table(
        [CHAMPION, CHALLENGER], champion="ab12cd34ef56"
    ).splitlines()

    assert heading.split() == [
        "version",
        "from",
        "rows",
        "days",
        "figures",
        "status",
        "by",
        "released",
        "replaced",
    ]
    assert champion.split("  ")[0] == "*"
    for part in (
        "1200  2019-01-01 to 2019-12-31  auc=0.75, brier=0.1",
        "approved  Ada: better",
        "2026-02-01 08:30:00  000000000001",
    ):
        assert part in champion
    assert challenger.startswith("   000000000003")
    assert "auc=0.74 (-0.01), recall=0.5" in challenger
    assert "rejected  judge: no better" in challenger


def test_a_package_of_another_tool_is_shown_by_its_number() -> None:
    row = version_table([FOREIGN], champion="ab12cd34ef56").splitlines()[1]

    assert row.split("  ")[1:] != []
    assert row.split() == ["2", "another", "tool", "waits", "for", "approval"]


def test_figures_that_are_no_numbers_are_left_out() -> None:
    other = dataclasses.replace(CHAMPION, properties={"version": "000000000004", "metrics": "good"})

    assert other.figures == {}


def test_json_has_all_that_the_registry_has() -> None:
    champion, challenger = version_documents([CHAMPION, CHALLENGER], champion="ab12cd34ef56")

    assert (champion["serves"], challenger["serves"]) == (True, False)
    assert challenger["figures"] == {"auc": 0.74, "recall": 0.5}
    assert challenger["figures_of_champion"] == {"auc": 0.75, "brier": 0.1}
    assert champion["properties"]["replaced"] == "000000000001"
