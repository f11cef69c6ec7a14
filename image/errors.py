"""What goes wrong when the image is built."""


class ImageError(Exception):
    """The image cannot be built; the message is one sentence that says what to do."""


class LackingError(ImageError):
    """This machine lacks what building takes."""
