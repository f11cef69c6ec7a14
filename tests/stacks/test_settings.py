from pathlib import Path
from typing import Any

import pytest

from stacks.settings import ROOT, Settings, SettingsError, hosted_instance_types
from tests.tiny_bundle import write_tiny_bundle


def test_a_model_is_all_that_must_be_set() -> None:
    settings = Settings.from_context({"model": "first_model"})

    assert settings == Settings(
        model="first_model",
        bundle=ROOT / "build" / "first_model" / "model.tar.gz",
        instance_type="ml.m5.large",
        instance_count=1,
    )


@pytest.mark.parametrize(
    ("model", "stack"), [("first", "First"), ("first_model", "FirstModel"), ("model_2", "Model2")]
)
def test_the_stack_is_called_after_the_model(model: str, stack: str) -> None:
    assert Settings.from_context({"model": model}).stack_name == stack


def test_the_command_lines_strings_and_the_files_numbers_mean_the_same() -> None:
    counts = {
        Settings.from_context({"model": "m", "instance_count": given}).instance_count for given in ("3", 3)
    }

    assert counts == {3}


def test_a_bundle_given_by_a_relative_path_is_the_one_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    settings = Settings.from_context({"model": "m", "bundle": "some/model.tar.gz"})

    assert settings.bundle == tmp_path / "some" / "model.tar.gz"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("model", None, "lower-case letters"),
        ("model", "First", "lower-case letters"),
        ("model", "../etc", "lower-case letters"),
        ("model", "a" * 41, "40 at most"),
        ("bundle", "  ", "a model.tar.gz"),
        ("bundle", 3, "a model.tar.gz"),
        ("instance_type", "m5.large", "ml.m5.large"),
        ("instance_type", "ml.m5.huge", "ml.m5.large"),
        ("instance_type", "ml.m6g.large", "x86"),
        ("instance_count", "0", "from 1 to 100"),
        ("instance_count", "101", "from 1 to 100"),
        ("instance_count", "two", "from 1 to 100"),
        ("instance_count", "1.5", "from 1 to 100"),
        ("instance_count", "-1", "from 1 to 100"),
        ("instance_count", True, "from 1 to 100"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(name: str, value: Any, allowed: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"model": "m", name: value})

    [line] = str(error.value).splitlines()
    assert line.startswith(f"The setting {name} is {value!r}")
    assert allowed in line


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"model": "M", "instance_count": "0", "bundel": "x", "instance_type": "big"})

    named = [line.split()[2] for line in str(error.value).splitlines()]
    assert sorted(named) == ["bundel", "instance_count", "instance_type", "model"]


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SettingsError, match="there are model, bundle, instance_type, instance_count"):
        Settings.from_context({"model": "m", "instance_kind": "ml.m5.large"})


@pytest.mark.parametrize(
    "name",
    [
        "@aws-cdk/core:target-partitions",
        "@aws-cdk-containers/ecs-service-extensions:enableDefaultLogDriver",
        "aws:cdk:bundling-stacks",
        "aws-cdk:enableDiffNoFail",
        "cli-telemetry",
        "acknowledged-issue-numbers",
    ],
)
def test_names_of_the_cdks_own_pass(name: str) -> None:
    assert Settings.from_context({"model": "m", name: True}).model == "m"


def test_every_hosted_type_is_allowed_and_none_of_them_is_arm() -> None:
    allowed = [
        Settings.from_context({"model": "m", "instance_type": t}).instance_type
        for t in hosted_instance_types()
    ]

    assert {"ml.m5.large", "ml.c7i.large", "ml.g4dn.xlarge"} <= set(allowed)
    assert not {
        name for name in allowed if name.startswith(("ml.m6g", "ml.c7g", "ml.r8g", "ml.c6gn", "ml.m6gd"))
    }


def test_the_bundle_of_the_settings_is_opened(tmp_path: Path) -> None:
    written = write_tiny_bundle(tmp_path / "model.tar.gz")

    settings = Settings.from_context({"model": "tiny", "bundle": str(tmp_path / "model.tar.gz")})

    assert settings.open_bundle().digest == written.digest


def test_a_bundle_that_cannot_be_used_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_text("not a bundle")
    settings = Settings.from_context({"model": "tiny", "bundle": str(tmp_path / "model.tar.gz")})

    with pytest.raises(SettingsError, match="not a gzip-compressed tar archive"):
        settings.open_bundle()
