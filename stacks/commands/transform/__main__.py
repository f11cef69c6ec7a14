"""`python -m stacks.commands.transform FILE`: scores whole files on AWS with the model of a deployed stack.

A SageMaker batch transform job reads CSV or JSON Lines, also packed with gzip, and writes a line for each
row: its prediction, or its errors. The stack needs the setting scoring_data.
"""

import argparse
import functools
import os
import sys
import uuid
from collections.abc import Mapping, Sequence

from bundle.texts.counted_noun import counted
from stacks.commands.aws_account import UnreadableAccountError
from stacks.commands.command_line.stack_command import (
    StackCall,
    add_stack_arguments,
    print_progress,
    run_stack_program,
    whole_number,
)
from stacks.commands.current_stack import CurrentStack
from stacks.commands.drift.deployed_manifest import deployed_manifest
from stacks.commands.score.first_rows import check_first_rows
from stacks.commands.transform.job_cost import job_cost
from stacks.commands.transform.results import Results, count_rows
from stacks.commands.transform.s3_folder import S3Folder
from stacks.commands.transform.scoring_input import find_input
from stacks.commands.transform.scoring_job import JobRequest, check_version, model_name, run_job
from stacks.costs.price_table import DEFAULT_TABLE, PriceError, load_prices
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
    return run_stack_program(_transform, arguments, environment, verb="transform", errors=(PriceError,))


def _transform(call: StackCall) -> int:
    try:
        results = _score(call)
    except KeyboardInterrupt:
        print_progress("Interrupted: the job is being stopped, if it had begun.")
        raise
    if call.arguments.json:
        print(results.encode().decode(), end="")
    else:
        print(results.sentence)
    return 0


def _score(call: StackCall) -> Results:
    account, stack, arguments = call.account, call.stack, call.arguments
    folder = S3Folder(account, _folder_of(stack))
    job = f"transform-{uuid.uuid4().hex[:12]}"
    source = find_input(folder, arguments.source, job=job)
    manifest = deployed_manifest(account, stack)
    objects = [(found.key, found.size) for found in source.objects]
    check_first_rows(account, manifest, folder.bucket, objects, has_header=False)
    instance_type = arguments.instance_type or call.settings.instance_type
    cost = job_cost(
        load_prices(DEFAULT_TABLE),
        instance_type=instance_type,
        instances=arguments.instances,
        size=source.size,
    )
    print_progress(f"{counted(len(source.objects), 'file')}, {source.size:,} bytes. {cost.sentence}")
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
    check_version(account, stack)
    run_job(account, request, folder, report=print_progress)
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
        "--instances",
        type=functools.partial(whole_number, most=_MAX_INSTANCES),
        default=1,
        metavar="NUMBER",
        help="number of instances (1)",
    )
    parser.add_argument(
        "--join",
        action="store_true",
        help="write each row before its prediction; a malformed row fails its file then",
    )
    add_stack_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print the content of _SUCCESS")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
