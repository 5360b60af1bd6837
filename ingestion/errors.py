"""Two kinds of failure, named for who should act."""

from promise.errors import PromiseError


class SourceUnavailable(PromiseError):
    """The publisher did not answer. Worth another try later."""


class SourceChanged(PromiseError):
    """The publisher answered with something we do not recognise. Worth a person's time."""
