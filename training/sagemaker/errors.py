"""Errors of training on SageMaker."""

from training.errors import TrainingError


class ContractError(TrainingError):
    """Input of the training container is invalid; the message becomes the job's FailureReason."""


class StoppedError(TrainingError):
    """The job was stopped before the fit had a model."""


class JobError(TrainingError):
    """A training job did not start or did not succeed; the message says why and what to do."""
