"""Job of the training container that judges a challenger: from input channels to the verdict."""

from training.judging.judge_settings import read_judge_settings
from training.progress import Progress
from training.sagemaker.container.job_folder import JobFolder
from training.sagemaker.hyperparameters import DATA_OPTION, TASK_PARAMETER, WEATHER_OPTION, check_given_once

CHAMPION_CHANNEL, CHALLENGER_CHANNEL = "champion", "challenger"


def run_judge(folder: JobFolder, progress: Progress) -> None:
    """Judges the challenger on the rows of the channels, and saves verdict.json and verdict.html as a model.

    A job whose challenger does not pass succeeds: the verdict says so. Hyperparameters other than the task
    and the sources of rows and weather are settings of the rule.

    Raises:
        TrainingError: When the job is invalid, or a bundle or the rows cannot be read.
        OSError: When the folder cannot be written to.
    """
    settings = folder.hyperparameters()
    del settings[TASK_PARAMETER]
    rows = folder.data((CHAMPION_CHANNEL, CHALLENGER_CHANNEL, WEATHER_OPTION))
    channels = {DATA_OPTION: rows, WEATHER_OPTION: folder.files(WEATHER_OPTION)}
    check_given_once(channels, settings)
    sources = {name: files or settings.pop(name, "") for name, files in channels.items()}
    rule = read_judge_settings(settings)
    champion, challenger = map(folder.channel_file, (CHAMPION_CHANNEL, CHALLENGER_CHANNEL))
    from training.judging.judge import JudgeRequest, judge
    from training.judging.page import write_verdict

    request = JudgeRequest(
        champion=champion,
        challenger=challenger,
        data=sources[DATA_OPTION],
        weather=sources[WEATHER_OPTION],
        rule=rule,
        # The default cache is in the program's folder, which has no space for data.
        cache=folder.base / "cache",
    )
    judgement = judge(request, progress)
    page = write_verdict(folder.model, judgement)
    print(judgement.as_text(page), flush=True)
