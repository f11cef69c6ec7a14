"""Settings of pip that reach our environments, and those that do not."""

from virtual_environments.pip_settings import pip_environment, read_source_settings


def test_settings_of_sources_are_read_and_settings_of_places_are_not() -> None:
    listed = [
        ":env:.user='1'",
        "global.index-url='https://packages.example/simple'",
        "global.target='/srv/packages'",
        "global.no-deps='true'",
        "install.user='yes'",
        "install.prefix='/srv'",
        "install.root='/srv'",
        "install.retries='2'",
        "wheel.index-url='https://other.example'",
    ]

    assert read_source_settings(listed) == {"index-url": "https://packages.example/simple", "retries": "2"}


def test_a_section_of_install_overrides_the_global_one_and_the_environment_overrides_both() -> None:
    listed = [":env:.timeout='3'", "global.proxy='one'", "global.timeout='1'", "install.proxy='two'"]

    assert read_source_settings(listed) == {"proxy": "two", "timeout": "3"}


def test_pip_gets_these_settings_and_no_others() -> None:
    user = {"PIP_USER": "1", "PIP_TARGET": "/srv", "HOME": "/home/user"}

    environment = pip_environment(user, {"index-url": "https://packages.example"})

    assert environment == {
        "HOME": "/home/user",
        "PIP_INDEX_URL": "https://packages.example",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
