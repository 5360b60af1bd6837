"""Two kinds of failure, named for who should act."""

from promise.errors import PromiseError
from promise.vocabulary.quoting import masked


class SourceUnavailable(PromiseError):
    """The publisher did not answer, or we could not take the answer. Worth another try later.

    `not_before` is when the publisher wants to be asked again (seconds since 1970); `final` says that another try
    within this attempt is of no use.
    """

    def __init__(self, message: str, *, not_before: float | None = None, final: bool = False) -> None:
        super().__init__(masked(message))
        self.not_before = not_before
        self.final = final


class SourceChanged(PromiseError):
    """The publisher answered with something we do not recognise, or wants something of us. Worth a person's time.

    Names of files and sheets, headings and a publisher's own words may stand in the message. What of them is known for
    a person's is taken out here, whoever wrote it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(masked(message))


class PersonalData(SourceChanged):
    """Something in the file may be about a person. Nothing of it is kept, and no message quotes it."""


class ReturnRefused(SourceChanged):
    """Something in a return is wrong, and its sender must put it right. Nothing of it is kept."""


class SourceFaulty(SourceChanged):
    """We know how the file is to be read, and what stands in it must not be used as it stands."""


def locked(where: str) -> SourceChanged:
    """For a workbook that only opens with a password."""
    return SourceChanged(
        f"{where} is locked with a password; expected a workbook that opens for anybody. "
        "Ask the publisher for an open copy"
    )


def damaged(where: str, why: object) -> SourceChanged:
    """For a file that was cut short or broken on its way."""
    return SourceChanged(f"{where} is damaged ({why}); expected a whole file. Fetch it again")
