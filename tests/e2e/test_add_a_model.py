"""docs/add-a-model.md, followed to the letter."""

import json
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.account import ROOT, Account
from tests.e2e.checkout import copy_checkout

PAGE = (ROOT / "docs" / "add-a-model.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    checkout = copy_checkout(tmp_path_factory.mktemp("checkout"))
    account = Account(root=checkout, state=tmp_path_factory.mktemp("aws"))
    yield account
    account.run("make", "stop")


def test_its_file_and_its_commands_make_a_sixth_model_that_answers_as_it_says(account: Account) -> None:
    # Given the one file, where the page says it belongs
    [path] = re.findall(r"^This is the whole file `(training/models/\w+\.py)`:$", PAGE, re.MULTILINE)
    [source] = blocks("python")
    (account.root / path).write_text(source)

    # When its commands are typed one after the other
    *before, last = blocks("bash")
    for command in before:
        account.run("bash", "-euo", "pipefail", "-c", command)
    printed = json.loads(account.run("bash", "-euo", "pipefail", "-c", last).stdout)

    # Then the answer is the page's, up to its rounding and the version, which is none
    [told] = map(json.loads, blocks("json"))
    assert printed["predictions"][0].pop("probability") == pytest.approx(
        told["predictions"][0].pop("probability"), abs=0.0051
    )
    told["model"]["version"] = printed["model"]["version"]
    assert printed == told


def test_its_file_passes_the_checks_of_this_project(account: Account) -> None:
    path = account.root / "training" / "models" / "sixth.py"
    path.write_text(blocks("python")[0])

    for check in (["ruff", "format", "--check"], ["ruff", "check"], ["mypy"]):
        done = subprocess.run(
            [str(ROOT / ".venv" / "bin" / check[0]), *check[1:], "training/models/sixth.py"],
            cwd=account.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
