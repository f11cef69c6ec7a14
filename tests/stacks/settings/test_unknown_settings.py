"""Settings that do not exist: the nearest one is named."""

import pytest

from stacks.settings.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("instance_cuont", "instance_count"),
        ("instance-count", "instance_count"),
        ("instanceCount", "instance_count"),
        ("Stage", "stage"),
        ("quota", "monthly_quota"),
        ("rate", "rate_limit"),
        ("count", "instance_count or max_instance_count"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest_one(name: str, near: str) -> None:
    with pytest.raises(SettingsError, match=f"no such setting: did you mean {near}\\?"):
        Settings.from_context({"model": "first_model", name: "3"})


def test_a_setting_like_none_is_refused_without_a_guess() -> None:
    with pytest.raises(SettingsError, match=r"no such setting\. There are model, "):
        Settings.from_context({"model": "first_model", "zzz": "3"})


@pytest.mark.parametrize("name", ["region", "account", "AWS_REGION"])
def test_account_and_region_are_those_of_the_credentials(name: str) -> None:
    with pytest.raises(SettingsError, match=r"those of your credentials, AWS_PROFILE and AWS_REGION\.$"):
        Settings.from_context({"model": "first_model", name: "eu-west-1"})


def test_nested_settings_are_refused_with_their_place() -> None:
    with pytest.raises(SettingsError, match="settings are not nested, so put those of settings directly"):
        Settings.from_context({"model": "first_model", "settings": {"instance_cuont": 3}})
