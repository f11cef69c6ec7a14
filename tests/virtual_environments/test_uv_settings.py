"""Conversion of pip settings to uv settings."""

from virtual_environments.pip_settings import read_source_settings
from virtual_environments.uv_settings import uv_environment
from virtual_environments.uv_settings import uv_settings as converted


def uv_settings(listed: list[str]) -> dict[str, str]:
    return converted(read_source_settings(listed))


def test_index_proxy_and_certificates_are_converted() -> None:
    listed = [
        "global.index-url='https://packages.example/simple'",
        "global.cert='/srv/company.crt'",
        "global.proxy='http://proxy.example:3128'",
        "global.trusted-host='packages.example'",
        "install.user='true'",
    ]

    assert uv_settings(listed) == {
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
        "SSL_CERT_FILE": "/srv/company.crt",
        "ALL_PROXY": "http://proxy.example:3128",
        "UV_INSECURE_HOST": "packages.example",
    }


def test_the_environment_overrides_a_file() -> None:
    listed = [":env:.index-url='https://environment.example'", "global.index-url='https://file.example'"]

    assert uv_settings(listed) == {"UV_DEFAULT_INDEX": "https://environment.example"}


def test_with_a_second_index_uv_selects_the_best_version_of_all_indexes() -> None:
    listed = ["global.extra-index-url='https://one.example\\nhttps://two.example'"]

    assert uv_settings(listed) == {
        "UV_INDEX": "https://one.example https://two.example",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_a_file_index_is_removed_and_find_links_are_kept() -> None:
    listed = ["global.extra-index-url='file:///srv/simple'", ":env:.find-links='/srv/one /srv/two'"]

    assert uv_settings(listed) == {"UV_FIND_LINKS": "/srv/one,/srv/two"}


def test_without_settings_nothing_is_set() -> None:
    assert uv_settings([]) == {}


def test_variables_of_uv_are_kept_if_they_say_from_where_packages_come() -> None:
    user = {
        *("UV_INDEX_URL", "UV_INDEX_OWN_PASSWORD", "UV_CACHE_DIR", "UV_HTTP_TIMEOUT", "HOME"),
        *("UV_SYSTEM_PYTHON", "UV_CONFIG_FILE", "UV_WORKING_DIR", "UV_CONSTRAINT", "UV_PYTHON"),
    }

    kept = uv_environment(dict.fromkeys(user, "1"), {})

    assert kept.keys() == {
        *("UV_INDEX_URL", "UV_INDEX_OWN_PASSWORD", "UV_CACHE_DIR", "UV_HTTP_TIMEOUT", "HOME")
    }
