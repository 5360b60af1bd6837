"""Two kinds of failure, named for who should act."""

from promise.errors import PromiseError


class SourceUnavailable(PromiseError):
    """The publisher did not answer. Worth another try later."""


class SourceChanged(PromiseError):
    """The publisher answered with something we do not recognise. Worth a person's time."""


def locked(where: str) -> SourceChanged:
    """For a workbook that only opens with a password."""
    return SourceChanged(
        f"{where} is locked with a password; expected a workbook that opens for anybody. "
        "Ask the publisher for an open copy"
    )


def damaged(where: str, why: object) -> SourceChanged:
    """For a file that was cut short or broken on its way."""
    return SourceChanged(f"{where} is damaged ({why}); expected a whole file. Fetch it again")
