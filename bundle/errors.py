"""Error of a bundle that must not be used."""


class BundleError(Exception):
    """The bundle must not be used; the message is one sentence that names the fault and the remedy."""
