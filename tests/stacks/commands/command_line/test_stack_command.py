"""Commands about a deployed stack: errors, exit codes and counts."""

import argparse

import pytest

from stacks.commands.aws_account import UnreadableAccountError
from stacks.commands.command_line.stack_command import (
    StackCall,
    add_stack_arguments,
    run_stack_program,
    whole_number,
)


class OwnError(Exception):
    """An error of a command."""


def run(act: object, *argv: str, failed: int = 1, **environ: str) -> int:
    parser = argparse.ArgumentParser()
    add_stack_arguments(parser)

    def called(call: StackCall) -> int:
        if isinstance(act, BaseException):
            raise act
        assert callable(act)
        return int(act(call))

    arguments = parser.parse_args(argv)
    return run_stack_program(called, arguments, environ, verb="models", errors=(OwnError,), failed=failed)


def test_a_command_gets_the_settings_and_the_region_of_its_command_line_and_returns_its_code() -> None:
    # Given
    seen = []

    def act(call: StackCall) -> int:
        seen.append((call.settings.stack_name, call.account.region))
        return 3

    # When
    code = run(act, "-c", "stack_name=Mine", "--region", "eu-north-1")

    # Then
    assert (code, seen) == (3, [("Mine", "eu-north-1")])


@pytest.mark.parametrize("kind", [OwnError, UnreadableAccountError])
def test_an_expected_error_is_one_sentence_on_standard_error(
    kind: type[Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(kind("no stack: deploy it"), failed=4) == 4
    assert capsys.readouterr() == ("", "no stack: deploy it\n")


@pytest.mark.parametrize(
    ("advice", "on_this_machine"),
    [
        ("`make wake` starts it", "`make wake LOCAL=1` starts it"),
        ("`make promote VERSION=ab` does", "`make promote LOCAL=1 VERSION=ab` does"),
        ("`make promote LOCAL=1 BUNDLE=b` does", "`make promote LOCAL=1 BUNDLE=b` does"),
        ("use `make deploy`", "use `make deploy`"),
    ],
)
def test_the_advice_of_an_error_is_for_the_stack_of_the_command(
    capsys: pytest.CaptureFixture[str], advice: str, on_this_machine: str
) -> None:
    run(OwnError(advice), LOCAL="1")
    run(OwnError(advice))

    assert capsys.readouterr().err == f"{on_this_machine}\n{advice}\n"


def test_an_unknown_setting_is_an_expected_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda call: len(call.settings.stack_name), "-c", "hostign=lambda") == 1
    assert "hostign" in capsys.readouterr().err


def test_an_unexpected_error_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(ZeroDivisionError())


def test_an_interrupted_command_ends_as_a_shell_expects() -> None:
    assert run(KeyboardInterrupt()) == 130


@pytest.mark.parametrize(
    ("text", "most", "value"), [("1", None, 1), ("20", 20, 20), ("1000000", None, 1_000_000)]
)
def test_a_count_is_a_whole_number_above_zero(text: str, most: int | None, value: int) -> None:
    assert whole_number(text, most=most) == value


@pytest.mark.parametrize(
    ("text", "most", "limits"),
    [
        ("0", None, "above 0"),
        ("-1", None, "above 0"),
        ("1.5", None, "above 0"),
        ("²", None, "above 0"),
        ("21", 20, "from 1 to 20"),
    ],
)
def test_other_counts_are_refused_with_the_limits(text: str, most: int | None, limits: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"'{text}' is not a whole number {limits}"):
        whole_number(text, most=most)
