"""What can go wrong between this machine and a training job."""

from training.errors import TrainingError


class ContractError(TrainingError):
    """What SageMaker handed the container cannot be used; the message becomes the job's FailureReason."""


class StoppedError(TrainingError):
    """The job was stopped before there was a model to save."""


class JobError(TrainingError):
    """A job could not be started or did not end well; the message says why and what to do."""
