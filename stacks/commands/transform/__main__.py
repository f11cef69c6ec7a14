"""`python -m stacks.commands.transform FILE`: scores whole files on AWS with the model of a deployed stack.

A SageMaker batch transform job reads CSV or JSON Lines, also packed with gzip, and writes a line for each
row: its prediction, or its errors. The stack needs the setting scoring_data.
"""

import argparse
import os
import sys
import uuid
from collections.abc import Mapping, Sequence

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError, add_account_arguments
from stacks.commands.current_stack import CurrentStack, require_stack
from stacks.commands.transform.job_cost import job_cost
from stacks.commands.transform.results import Results, count_rows
from stacks.commands.transform.s3_folder import S3Folder
from stacks.commands.transform.scoring_input import find_input
from stacks.commands.transform.scoring_job import JobRequest, model_name, run_job
from stacks.costs.price_table import DEFAULT_TABLE, PriceError, load_prices
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import Settings, SettingsError
from terminal_output import escape_unencodable_output

_EPILOG = "Exit codes: 0 success, 1 the job cannot be run or failed, 2 wrong arguments, 130 interrupted."
_MAX_INSTANCES = 20


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs a job and prints where its results are.

    Args:
        argv: The arguments, without the program's name.
        environment: Credentials and region.

    Returns:
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    account = AwsAccount(environment, profile=arguments.profile, region=arguments.region, verb="transform")
    try:
        settings = Settings.from_context(context_of(arguments))
        stack = require_stack(account, settings.stack_name)
        results = _score(account, stack, settings, arguments)
    except (SettingsError, UnreadableAccountError, PriceError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: the job is being stopped, if it had begun.", file=sys.stderr)
        return 130
    if arguments.json:
        print(results.encode().decode(), end="")
    else:
        print(
            f"{results.output}: {results.rows:,} rows of {results.files} files by {results.model}, version "
            f"{results.version}; {results.refused:,} of them have errors in the place of a prediction."
        )
    return 0


def _score(
    account: AwsAccount, stack: CurrentStack, settings: Settings, arguments: argparse.Namespace
) -> Results:
    folder = S3Folder(account, _folder_of(stack))
    job = f"transform-{uuid.uuid4().hex[:12]}"
    source = find_input(folder, arguments.source, job=job)
    instance_type = arguments.instance_type or settings.instance_type
    cost = job_cost(
        load_prices(DEFAULT_TABLE),
        instance_type=instance_type,
        instances=arguments.instances,
        size=source.size,
    )
    _report(f"{len(source.objects)} files, {source.size:,} bytes. {cost.sentence}")
    output = folder.key(job, "out")
    request = JobRequest(
        name=job,
        model=model_name(account, stack.name),
        source=source,
        output=folder.url_of(output),
        instance_type=instance_type,
        instances=arguments.instances,
        options=arguments.options,
        joins=arguments.join,
    )
    run_job(account, request, folder, report=_report)
    keys = [found.key for found in folder.objects(f"{output}/")]
    rows, refused = count_rows(folder, keys, media_type=source.format.media_type)
    results = Results(
        job=job,
        model=stack.outputs["Models"],
        version=stack.outputs["ModelVersion"],
        output=request.output,
        files=len(keys),
        rows=rows,
        refused=refused,
    )
    folder.write(f"{output}/_SUCCESS", results.encode())
    return results


def _folder_of(stack: CurrentStack) -> str:
    if stack.hosting == "lambda":
        raise UnreadableAccountError(
            f"The stack {stack.name} has hosting lambda, whose files a state machine scores: copy them to "
            "S3, and use `make score FILE=s3://BUCKET/PREFIX/ ARGS='--on aws'`."
        )
    if folder := stack.outputs.get("ScoringFolder"):
        return folder
    raise UnreadableAccountError(
        f"The stack {stack.name} lets no job read or write files: set scoring_data to own, or to a folder in "
        "S3, and deploy."
    )


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _instances(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= _MAX_INSTANCES:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {_MAX_INSTANCES}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.transform", description=__doc__, epilog=_EPILOG
    )
    parser.add_argument(
        "source", metavar="FILE", help="a file, or the S3 URI of an object or of a prefix in the folder"
    )
    parser.add_argument(
        "--options",
        default="",
        metavar="QUERY",
        help="options of the predictions, such as 'threshold=0.4&probabilities=true'",
    )
    parser.add_argument(
        "--instance-type", metavar="TYPE", help="instance type (default: that of the settings)"
    )
    parser.add_argument(
        "--instances", type=_instances, default=1, metavar="NUMBER", help="number of instances (1)"
    )
    parser.add_argument(
        "--join",
        action="store_true",
        help="write each row before its prediction; a malformed row fails its file then",
    )
    add_context_argument(parser)
    add_account_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print the content of _SUCCESS")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
