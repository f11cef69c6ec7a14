"""`python -m training.sagemaker train`: program of the training image, started by SageMaker.

Environment:
    SAGEMAKER_BASE_DIR: Folder of the job's input and output; /opt/ml unless set.
"""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from bundle import BundleError
from training.errors import TrainingError
from training.progress import Progress
from training.sagemaker.container.job_folder import JobFolder
from training.sagemaker.container.stop_signal import StopSignal
from training.sagemaker.container.training_job import run

SUCCEEDED, FAILED, USAGE = 0, 1, 2


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Runs a training job in its container.

    Returns:
        The exit code: 0 succeeded, 1 failed with the reason in the job's failure file, 2 wrong arguments.
    """
    if arguments != ["train"]:
        print("usage: python -m training.sagemaker train", file=sys.stderr)
        return USAGE
    folder = JobFolder(Path(environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")))
    stop_signal = StopSignal()
    stop_signal.install()
    try:
        run(folder, stop_signal, Progress(sys.stdout))
    except (TrainingError, BundleError) as error:
        return _fail(folder, str(error))
    except Exception as error:
        traceback.print_exc()
        return _fail(
            folder,
            f"The training program failed with {type(error).__name__}: {error}; its log has the traceback.",
        )
    return SUCCEEDED


def _fail(folder: JobFolder, reason: str) -> int:
    print(reason, file=sys.stderr, flush=True)
    folder.fail(reason)
    return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
