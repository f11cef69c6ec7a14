"""Tables of the users: DATA and TARGET of make run, make train and make new."""

import subprocess

import pytest

from tests.makefile.checkout import Checkout


def test_a_table_of_the_users_is_trained_and_deployed_under_its_name(checkout: Checkout) -> None:
    calls = checkout.make("run", "DATA=my $tables/a b.csv", "TARGET=it's", ROW="{}")

    trained, named, deployed = (argv for argv, _ in calls)
    assert trained == ["-m", "training", "table", "my $tables/a b.csv", "--target=it's"]
    assert named == [*trained, "--print-name"]
    assert deployed[:5] == ["-m", "local", "run", "--context", "model="]


def test_the_name_of_a_tables_model_may_be_given(checkout: Checkout) -> None:
    trained, *_, deployed = (argv for argv, _ in checkout.make("run", "DATA=a.csv", "TARGET=b", "MODEL=c"))
    [written] = (argv for argv, _ in checkout.make("new", "DATA=a.csv", "TARGET=b", "MODEL=c"))
    [again] = (argv for argv, _ in checkout.make("train", "DATA=a.csv", "TARGET=b", "ARGS=--leave-out d"))

    assert trained == ["-m", "training", "table", "a.csv", "--target=b", "--name=c"]
    assert written == [*trained, "--model-file"]
    assert again == ["-m", "training", "table", "a.csv", "--target=b", "--leave-out", "d"]
    assert deployed[:4] == ["-m", "local", "run", "--context"]


@pytest.mark.parametrize("verb", ["run", "train", "new"])
@pytest.mark.parametrize(
    ("given", "sentence"), [("DATA=a.csv", "name its column to predict"), ("TARGET=b", "name the table too")]
)
def test_a_table_and_its_column_are_named_together(
    checkout: Checkout, verb: str, given: str, sentence: str
) -> None:
    done = subprocess.run(
        ["make", verb, given], cwd=checkout.folder, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
