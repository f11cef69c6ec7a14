"""Settings of the server from environment variables."""

import os

import pytest

from bundle import MAX_BODY_BYTES
from serving.settings import ServerSettings, SettingError
from serving.workers.process_memory import memory_budget

# What else is set where a value is refused; a batch transform job has no number of fronts.
INVALID = {"SERVING_FRONTS": {"SAGEMAKER_MODEL_SERVER_WORKERS": "2"}}


def test_the_defaults_are_those_of_sagemaker_containers() -> None:
    settings = ServerSettings.read({})

    assert (settings.host, settings.port, settings.model) == ("0.0.0.0", 8080, "/opt/ml/model")  # noqa: S104
    assert settings.workers == len(os.sched_getaffinity(0))
    assert (settings.memory, settings.log_sample) == (memory_budget(), 0.01)


def test_every_setting_can_be_set() -> None:
    settings = ServerSettings.read(
        {
            "SERVING_HOST": "127.0.0.1",
            "SAGEMAKER_BIND_TO_PORT": "0",
            "SAGEMAKER_BASE_DIR": "/elsewhere",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "3",
            "SERVING_FRONTS": "2",
            "SERVING_MODEL_MEMORY_MB": "100",
            "SERVING_LOG_SAMPLE": "1",
        }
    )

    assert settings == ServerSettings(
        host="127.0.0.1",
        port=0,
        model="/elsewhere/model",
        workers=3,
        memory=100 << 20,
        log_sample=1.0,
        fronts=2,
    )


@pytest.mark.parametrize(
    ("processors", "workers", "fronts"),
    [
        (1, 1, 1),
        (2, 2, 1),
        (2, 8, 1),
        (3, 3, 1),
        (4, 4, 2),
        (4, 1, 1),
        (8, 8, 4),
        (16, 2, 1),
        (16, 11, 6),
        (16, 16, 8),
    ],
)
def test_there_is_a_front_for_two_workers_and_at_most_for_half_of_the_processors(
    monkeypatch: pytest.MonkeyPatch, processors: int, workers: int, fronts: int
) -> None:
    monkeypatch.setattr("serving.settings.os.sched_getaffinity", lambda _: set(range(processors)))

    settings = ServerSettings.read({"SAGEMAKER_MODEL_SERVER_WORKERS": str(workers)})

    shares = [settings.share(front).workers for front in range(settings.fronts)]
    assert (settings.fronts, sum(shares)) == (fronts, workers)
    assert max(shares) - min(shares) <= 1


def test_without_the_system_call_all_processors_of_the_machine_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("serving.settings.os.sched_getaffinity")
    monkeypatch.setattr("serving.settings.os.cpu_count", lambda: 3)

    assert ServerSettings.read({}).workers == 3


def test_without_sockets_of_packets_there_is_one_front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.settings._HAS_PACKET_SOCKETS", False)
    monkeypatch.setattr("serving.settings.os.sched_getaffinity", lambda _: set(range(8)))

    assert ServerSettings.read({"SAGEMAKER_MODEL_SERVER_WORKERS": "8"}).fronts == 1


@pytest.mark.parametrize("environment", [{"SAGEMAKER_MULTI_MODEL": "true"}, {"SAGEMAKER_BATCH": "true"}])
def test_the_multi_model_api_and_a_transform_job_have_one_front(environment: dict[str, str]) -> None:
    fronts = {"SERVING_FRONTS": "2", "SAGEMAKER_MODEL_SERVER_WORKERS": "2"}

    assert ServerSettings.read(environment | fronts).fronts == 1


def test_a_server_of_many_models_has_no_model_folder() -> None:
    assert ServerSettings.read({"SAGEMAKER_MULTI_MODEL": "true"}).model is None
    assert ServerSettings.read({"SAGEMAKER_MULTI_MODEL": "false"}).model is not None


def test_a_batch_transform_job_has_the_payload_and_the_options_of_its_environment() -> None:
    job = {"SAGEMAKER_BATCH": "true"}
    options = {"SERVING_TRANSFORM_OPTIONS": "threshold=0.4"}

    default, unlimited, wanted = (
        ServerSettings.read(job | more)
        for more in ({}, {"SAGEMAKER_MAX_PAYLOAD_IN_MB": "0"}, {"SAGEMAKER_MAX_PAYLOAD_IN_MB": "3"} | options)
    )

    assert [found.max_body >> 20 for found in (default, unlimited, wanted)] == [6, 100, 3]
    assert [found.transform for found in (default, wanted)] == ["on_error=skip", "threshold=0.4"]


def test_outside_of_a_batch_transform_job_its_settings_do_nothing() -> None:
    found = ServerSettings.read(
        {"SAGEMAKER_MAX_PAYLOAD_IN_MB": "3", "SERVING_TRANSFORM_OPTIONS": "strict=true"}
    )

    assert (found.max_body, found.transform) == (MAX_BODY_BYTES, None)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("SAGEMAKER_BIND_TO_PORT", ["", "http", "-1", "65536", "9" * 5_000]),
        ("SAGEMAKER_MODEL_SERVER_WORKERS", ["", "0", "129", "two", "1.5"]),
        ("SERVING_FRONTS", ["", "0", "3", "two"]),
        ("SERVING_MODEL_MEMORY_MB", ["", "-1", "1GB"]),
        ("SAGEMAKER_MAX_PAYLOAD_IN_MB", ["", "-1", "101", "6.5"]),
        ("SERVING_LOG_SAMPLE", ["", "1.1", "-0.1", "nan", "1e-2", "all"]),
    ],
)
def test_an_invalid_value_is_refused_with_the_name_of_its_variable(name: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(SettingError, match=f"^{name} is '{value}': give "):
            ServerSettings.read(INVALID.get(name, {"SAGEMAKER_BATCH": "true"}) | {name: value})
