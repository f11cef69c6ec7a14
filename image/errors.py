"""Errors of the build; each message is a sentence for the user that says what to do."""


class ImageError(Exception):
    """The image cannot be built."""


class MissingToolError(ImageError):
    """This machine has no working builder, or no debootstrap."""
