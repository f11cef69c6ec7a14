"""What can be wrong with a bundle."""


class BundleError(Exception):
    """A bundle that must not be used; the message is one sentence for the person who has to mend it."""
