"""Names of the training and judging jobs of a stack."""

# A job has 63 characters in its name; time, digests and kind have the others.
_LONGEST_PREFIX = 26


def job_prefix(stack_name: str) -> str:
    """Returns the prefix of the names of all jobs of a stack, without the hyphen that follows.

    In lower case: SageMaker writes some ARNs so, and IAM compares them with those of a policy.
    """
    return stack_name.lower()[:_LONGEST_PREFIX].rstrip("-")
