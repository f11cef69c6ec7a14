"""Every path, command, setting and link that a Markdown page names exists."""

import importlib.util
import re
from pathlib import Path

import pytest

from docs.generate import pages
from docs.tables import ROOT
from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from stacks.settings.parsers import PARSERS
from tests.docs.markdown import anchors, code, links, spans, tables
from training.arguments import make_parser

PAGES = pages()
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = {
    target
    for line in re.findall(r"^([\w./-]+(?: [\w./-]+)*):(?!=)", MAKEFILE, re.MULTILINE)
    for target in line.split()
}
SUFFIXES = (".py", ".md", ".toml", ".yml", ".txt", ".in", ".sh")
# Outputs of commands, prefixes in S3 and media types.
ELSEWHERE = (
    "build/",
    "cdk.out/",
    "node_modules/",
    ".venv",
    "athena/",
    "captures/",
    "models/",
    "monitor/",
    "outcomes/",
    "retraining/",
    "scores/",
    "output/",
    "application/",
    "text/",
)
# The model that a reader of the tutorial writes.
TO_BE_WRITTEN = {"training/models/wine.py", "training/models/rain.py"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def is_path(text: str) -> bool:
    """Whether inline code is the path of a file or folder of this project."""
    if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*/?", text) or text.startswith(ELSEWHERE):
        return False
    return text not in TO_BE_WRITTEN and ("/" in text or text.endswith(SUFFIXES))


@every_page
def test_every_path_in_a_page_exists(page: Path) -> None:
    missing = {path for path in spans(page) if is_path(path) and not (ROOT / path).exists()}

    assert missing == set()


@every_page
def test_every_make_verb_in_a_page_is_a_target(page: Path) -> None:
    named = {
        verb
        for text in code(page)
        for verb in re.findall(r"(?:^|\s)make (?:--\S+ )*([a-z.][\w./-]*)", text, re.MULTILINE)
    }

    assert named - TARGETS == set()


@every_page
def test_every_module_in_a_page_can_be_run(page: Path) -> None:
    named = {module for text in code(page) for module in re.findall(r"python3? -m ([\w.]+)", text)}

    assert [module for module in named if not can_be_run(module)] == []


def can_be_run(module: str) -> bool:
    path = ROOT / Path(*module.split("."))
    if (ROOT / path.relative_to(ROOT).parts[0]).is_dir():
        return path.with_suffix(".py").exists() or (path / "__main__.py").exists()
    return importlib.util.find_spec(module) is not None


@every_page
def test_every_setting_in_a_page_exists(page: Path) -> None:
    named = {name for text in code(page) for name in re.findall(r"(?:-c|--context) (\w+)=", text)}

    assert named - PARSERS.keys() == set()


@every_page
def test_every_internal_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


@every_page
def test_every_call_of_an_aws_service_on_this_machine_is_signed(page: Path) -> None:
    calls = [text for text in code(page) if re.search(r"curl [^|]*127\.0\.0\.1:4566/\d{4}-\d\d-\d\d/", text)]

    signature = f"--user {ACCESS_KEY_ID}:{SECRET_ACCESS_KEY} "
    assert [
        text for text in calls if "--aws-sigv4 aws:amz:us-east-1:" not in text or signature not in text
    ] == []


@pytest.mark.parametrize("name", ["training", "training-on-sagemaker"])
def test_every_training_option_in_a_table_exists(name: str) -> None:
    known = {word for action in make_parser()._actions for word in action.option_strings}

    listed = {
        word
        for row in tables(ROOT / "docs" / f"{name}.md")["option"]
        for word in re.findall(r"--[a-z-]+", row[0])
    }

    assert listed
    assert listed - known == set()


def test_every_page_of_docs_is_linked_from_the_readme() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links(ROOT / "README.md")}

    assert [page.name for page in (ROOT / "docs").glob("*.md") if page not in linked] == []
