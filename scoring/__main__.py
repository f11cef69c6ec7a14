"""`python -m scoring FILE --out OUT`: answers every row of a file with a model."""

import errno
import gc
import json
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bundle import BundleError, read_archive
from scoring.arguments import ARROW, SPARK, make_scoring_parser, parse_scoring
from scoring.scoring_on_aws import aws_command
from terminal_output import (
    end_process,
    escape_unencodable_output,
    interruptible,
    interruption_code,
    termination_as_exception,
)
from training.errors import TrainingError

if TYPE_CHECKING:
    from scoring.progress_display import RowProgress
    from scoring.summary import ScoringSummary

ROOT = Path(__file__).resolve().parents[1]
_LEFT = {
    ARROW: "The same command goes on after the rows that are finished.",
    SPARK: "The same command starts anew.",
}


def main(arguments: Sequence[str] | None = None, root: Path = ROOT, *, with_pandas: bool = True) -> int:
    """Runs the command and returns its exit code.

    Args:
        arguments: The arguments, without the program's name.
        root: Folder that holds cdk.json and build/.
        with_pandas: Whether this process uses pandas.
    """
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    if command := aws_command(words):
        os.execv(command[0], command)  # noqa: S606  # the same process, so that Ctrl-C reaches the command alone
    parser = make_scoring_parser()
    options = parse_scoring(words, parser)
    # ONNX Runtime and Arrow take time to import; wrong arguments are reported before.
    import pyarrow as pa

    from scoring.errors import ScoringError
    from scoring.progress_display import RowProgress
    from scoring.summary import summary_text
    from serving.predict.onnx_model import ModelError
    from training.tables.columns.fields_file import FIELDS_FILE

    path = options.bundle or _bundle_of(options.model, root)
    beside = path.with_name(FIELDS_FILE)
    # Unlike Path.exists it raises nothing: the bundle is refused where it is read.
    table = beside if os.path.exists(beside) else None  # noqa: PTH110
    _find_pandas(wanted=with_pandas or options.engine == SPARK or table is not None)
    progress = RowProgress(sys.stderr)
    left = _LEFT[options.engine]
    try:
        with termination_as_exception():
            summary = _summary(options, path, table, root, progress)
    except (ScoringError, TrainingError, ModelError) as error:
        sentence, code = f"{error}", 1
    except BundleError as error:
        sentence, code = f"{error} `make train` makes the bundle of a model.", 1
    except pa.ArrowException as error:
        sentence, code = f"{options.out} cannot be written ({_first_line(error)}): choose another format.", 1
    except OSError as error:
        sentence, code = _not_written(error, options.out, left), 1
    except KeyboardInterrupt as end:
        sentence, code = f"Interrupted. {left}", interruption_code(end)
    else:
        text = msgspec.json.encode(summary).decode() if options.json else summary_text(summary)
        return _print_summary(text, options.out, parser.prog)
    progress.end()
    print(f"{parser.prog}: {sentence}", file=sys.stderr)
    return code


def _summary(
    options: Namespace, path: Path, table: Path | None, root: Path, progress: "RowProgress"
) -> "ScoringSummary":
    """Scores with the engine of the options; `table` is the file of the fields of an own table."""
    from scoring.answer_columns import AnswerOptions
    from scoring.scoring_run import ScoringJob, score

    bundle = read_archive(path)
    answers = AnswerOptions(options.reasons, options.warnings, options.prefix, options.quantiles)
    sources, cache = tuple(options.files), root / "build" / "data"
    if options.engine == SPARK:
        from scoring.cluster.cluster_run import ClusterJob, score_on_cluster

        cluster_job = ClusterJob(
            sources=sources,
            out=options.out,
            bundle=bundle,
            options=answers,
            cache=cache,
            master=options.master or "",
            table=table,
        )
        return score_on_cluster(cluster_job, progress)
    job = ScoringJob(
        sources=sources,
        out=options.out,
        bundle=bundle,
        options=answers,
        cache=cache,
        table=table,
    )
    return score(job, progress)


def _print_summary(text: str, out: Path, program: str) -> int:
    """Prints the summary and returns the exit code; a closed pipe, such as that of `head`, is no failure."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        return 0
    except OSError as error:
        sentence = f"{out} is complete; its summary cannot be written to the standard output"
        print(f"{program}: {sentence} ({error.strerror}).", file=sys.stderr)
        return 1
    return 0


class _NoPandas(MetaPathFinder):
    """Hides pandas: Arrow would import it for its first array, which takes a quarter of a second."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        del path, target
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _find_pandas(*, wanted: bool) -> None:
    """Lets Arrow search for pandas in vain unless it is wanted; Arrow searches once."""
    if wanted:
        return
    import pyarrow as pa

    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    pa.array([])
    sys.meta_path.remove(finder)


def _bundle_of(model: str | None, root: Path) -> Path:
    name = model or json.loads((root / "cdk.json").read_text(encoding="utf-8"))["context"]["model"]
    return root / "build" / name / "model.tar.gz"


def _not_written(error: OSError, out: Path, left: str) -> str:
    if error.errno == errno.ENOSPC or "No space left" in str(error):
        return f"The disk of {out} is full: make room on it. {left}"
    wanted = "a file of a shorter name" if error.errno == errno.ENAMETOOLONG else "another file"
    return f"{out} cannot be written ({error.strerror or error}): name {wanted} with --out."


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


if __name__ == "__main__":
    escape_unencodable_output()
    # Imports make several hundred thousand objects that are never freed.
    gc.set_threshold(100_000)
    # Failures were reported when they were met.
    code = interruptible(lambda: main(with_pandas=False), "python -m scoring")
    end_process(code, is_reported=True)
