import dataclasses
from pathlib import Path

import pytest

from stacks.settings.settings import ROOT, Settings, SettingsError
from tests.tiny_bundle import write_tiny_bundle

DEV = Settings(
    model="first_model",
    models=(),
    bundle=str(ROOT / "build" / "first_model" / "model.tar.gz"),
    stack_name="FirstModel",
    stage="dev",
    hosting="realtime",
    packaging=None,
    snapstart=False,
    instance_type="ml.m5.large",
    instance_count=1,
    max_instance_count=1,
    data_capture_percent=0,
    monitor="off",
    detailed_observability=False,
    idle_hours=24,
    memory_mb=None,
    max_concurrency=None,
    reload=0,
    scoring_data=None,
    inbox="off",
    retrain="off",
    data=None,
    approve="manual",
    training_instance_type="ml.m5.xlarge",
    training_spot=False,
    weather=None,
    judge_days=14,
    training_hours=4,
    auth="key",
    page="on",
    rate_limit=100,
    burst_limit=200,
    monthly_quota=None,
    api_logging_role="own",
    waf=False,
    alarm_email=None,
    budget=None,
    cors_origins=(),
)
PROD = dataclasses.replace(
    DEV,
    stack_name="FirstModelProd",
    stage="prod",
    instance_count=2,
    max_instance_count=4,
)
LAMBDA, PROD_LAMBDA = (
    dataclasses.replace(settings, hosting="lambda", idle_hours=0, memory_mb=2048) for settings in (DEV, PROD)
)


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ({}, DEV),
        ({"stage": "prod"}, PROD),
        (
            {"hosting": "serverless"},
            dataclasses.replace(DEV, hosting="serverless", idle_hours=0, memory_mb=2048, max_concurrency=5),
        ),
        (
            {"hosting": "serverless", "stage": "prod"},
            dataclasses.replace(PROD, hosting="serverless", idle_hours=0, memory_mb=2048, max_concurrency=20),
        ),
        ({"hosting": "lambda"}, dataclasses.replace(LAMBDA, packaging="zip")),
        (
            {"hosting": "lambda", "stage": "prod"},
            dataclasses.replace(PROD_LAMBDA, packaging="zip", snapstart=True),
        ),
        (
            {"hosting": "lambda", "packaging": "image", "stage": "prod"},
            dataclasses.replace(PROD_LAMBDA, packaging="image"),
        ),
    ],
)
def test_only_the_model_is_required_and_defaults_depend_on_stage_and_hosting(
    given: dict[str, str], settings: Settings
) -> None:
    assert Settings.from_context({"model": "first_model"} | given) == settings


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ({"instance_count": "3"}, (3, 3)),
        ({"max_instance_count": "3"}, (1, 3)),
        ({"stage": "prod", "instance_count": "1"}, (1, 4)),
        ({"stage": "prod", "instance_count": "6"}, (6, 6)),
        ({"stage": "prod", "instance_count": "3", "max_instance_count": "3"}, (3, 3)),
    ],
)
def test_settings_override_the_defaults_of_the_stage(given: dict[str, str], counts: tuple[int, int]) -> None:
    settings = Settings.from_context({"model": "m"} | given)

    assert (settings.instance_count, settings.max_instance_count) == counts
    assert settings.is_scaled == (counts[0] < counts[1])


def test_null_means_not_set() -> None:
    nothing = dict.fromkeys(("alarm_email", "budget", "cors_origins", "stage", "instance_count", "bundle"))

    assert Settings.from_context({"model": "first_model"} | nothing) == DEV


@pytest.mark.parametrize(
    ("model", "stack"), [("first", "First"), ("first_model", "FirstModel"), ("model_2", "Model2")]
)
def test_the_stack_is_called_after_the_model(model: str, stack: str) -> None:
    assert Settings.from_context({"model": model}).stack_name == stack


def test_both_stages_of_a_model_fit_into_one_account_and_region() -> None:
    names = [
        Settings.from_context({"model": "first_model", "stage": stage}).stack_name
        for stage in ("dev", "prod")
    ]

    assert names == ["FirstModel", "FirstModelProd"]


def test_the_setting_stack_name_replaces_the_name_of_the_models_and_the_stage() -> None:
    settings = Settings.from_context({"model": "m", "stage": "prod", "stack_name": "Flights-2"})

    assert settings.stack_name == "Flights-2"


@pytest.mark.parametrize("given", ["first_model,second", " first_model , second "])
def test_the_setting_models_replaces_model(given: str) -> None:
    settings = Settings.from_context({"model": "other", "models": given})

    assert settings.names == ("first_model", "second")
    assert settings.stack_name == "FirstModelSecond"
    assert settings.archives == {
        name: ROOT / "build" / name / "model.tar.gz" for name in ("first_model", "second")
    }


def test_one_model_is_hosted_unless_several_are_named() -> None:
    assert (DEV.names, DEV.archives) == (("first_model",), {"first_model": DEV.archive})


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ({"rate_limit": "1000"}, (1000, 2000)),
        # The account's own burst limit is 5,000.
        ({"rate_limit": "10000"}, (10_000, 5_000)),
        ({"rate_limit": "1000", "burst_limit": "50"}, (1000, 50)),
    ],
)
def test_the_burst_limit_is_twice_the_rate_limit_unless_set(
    given: dict[str, str], limits: tuple[int, int]
) -> None:
    settings = Settings.from_context({"model": "m"} | given)

    assert (settings.rate_limit, settings.burst_limit) == limits


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_no_request_is_captured_unless_asked_for(stage: str) -> None:
    assert Settings.from_context({"model": "m", "stage": stage}).data_capture_percent == 0


def test_several_models_have_the_defaults_of_one() -> None:
    settings = Settings.from_context({"model": "first_model", "models": "a,b", "stage": "prod"})

    assert settings == dataclasses.replace(PROD, models=("a", "b"), stack_name="ABProd")


def test_strings_and_numbers_are_parsed_alike() -> None:
    counts = {
        Settings.from_context({"model": "m", "instance_count": given}).instance_count for given in ("3", 3)
    }

    assert counts == {3}


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ("*", ("*",)),
        ("https://app.example.com", ("https://app.example.com",)),
        (
            "https://app.example.com:8443, http://localhost:3000,http://127.0.0.1",
            ("https://app.example.com:8443", "http://localhost:3000", "http://127.0.0.1"),
        ),
        ("https://a.example,https://a.example", ("https://a.example",)),
    ],
)
def test_the_allowed_origins_are_split_at_commas(given: str, origins: tuple[str, ...]) -> None:
    assert Settings.from_context({"model": "m", "cors_origins": given}).cors_origins == origins


def test_a_relative_bundle_path_is_resolved_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    settings = Settings.from_context({"model": "m", "bundle": "some/model.tar.gz"})

    assert settings.bundle == str(tmp_path / "some" / "model.tar.gz")
    assert settings.archive == tmp_path / "some" / "model.tar.gz"


def test_each_bundle_in_s3_has_its_own_local_path() -> None:
    uris = ["s3://bucket/model.tar.gz", "s3://bucket/other/model.tar.gz"]

    archives = [Settings.from_context({"model": "m", "bundle": uri}).archive for uri in uris]

    assert len({*archives, DEV.archive}) == 3
    assert {archive.parents[1] for archive in archives} == {ROOT / "build" / "fetched"}


def test_the_bundle_of_the_settings_is_opened(tmp_path: Path) -> None:
    written = write_tiny_bundle(tmp_path / "model.tar.gz")

    settings = Settings.from_context({"model": "tiny", "bundle": str(tmp_path / "model.tar.gz")})

    [archive] = settings.open_archives()
    assert archive.bundle.digest == written.digest


def test_a_bundle_of_another_model_is_rejected(tmp_path: Path) -> None:
    write_tiny_bundle(tmp_path / "model.tar.gz")
    settings = Settings.from_context({"model": "other", "bundle": str(tmp_path / "model.tar.gz")})

    with pytest.raises(SettingsError, match="holds the model tiny, and model is 'other': set model to tiny"):
        settings.open_archives()


def test_an_invalid_bundle_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_text("not a bundle")
    settings = Settings.from_context({"model": "tiny", "bundle": str(tmp_path / "model.tar.gz")})

    with pytest.raises(SettingsError, match="not a gzip-compressed tar archive"):
        settings.open_archives()
