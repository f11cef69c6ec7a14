"""`python -m training.sagemaker train`: the program that SageMaker starts in the training image.

Environment:
    SAGEMAKER_BASE_DIR: Where the job's folders are; /opt/ml unless set.
"""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from bundle import BundleError
from training.errors import TrainingError
from training.progress import Progress
from training.sagemaker.container.container import run
from training.sagemaker.container.job_folder import JobFolder
from training.sagemaker.container.stopping import Stopping

DONE, FAILED, USAGE = 0, 1, 2


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Runs a training job as its container.

    Returns:
        The exit code: 0 done, 1 failed with a sentence in the job's failure file, 2 wrong arguments.
    """
    if arguments != ["train"]:
        print("usage: python -m training.sagemaker train", file=sys.stderr)
        return USAGE
    folder = JobFolder(Path(environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")))
    stopping = Stopping()
    stopping.listen()
    try:
        run(folder, stopping, Progress(sys.stdout))
    except (TrainingError, BundleError) as error:
        return _fail(folder, str(error))
    except Exception as error:
        # The log is where whoever mends the program looks.
        traceback.print_exc()
        return _fail(
            folder, f"The training program broke, its log says where: {type(error).__name__}: {error}"
        )
    return DONE


def _fail(folder: JobFolder, sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    folder.fail(sentence)
    return FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
