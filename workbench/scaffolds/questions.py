"""What a published file does not tell of itself: the questions of `promise new source`, and what an answer must be.

Each is an option of the command, and at a terminal it is asked where the option was left out. What follows from other
answers, or from how other sources are described, is proposed or taken; what stays open is written into the entry as a
question, which the catalogue refuses.
"""

from __future__ import annotations

import difflib
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from promise.errors import PromiseError
from promise.strict import CatalogueError

if TYPE_CHECKING:
    from promise.catalogue.framework_organisations import Organisation
    from workbench.peek.proposal import Proposal

Ask = Callable[[str, str | None], str]  # a question and what Enter takes; gives what was typed
OGL = {
    "licence": "Open Government Licence v3.0",
    "licence-url": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
NONE = "none"
SUPPRESSED = "suppressed"


@dataclass
class Case:
    """A file of which a source is made, and what is known by now of what the file does not tell."""

    source_id: str
    said: Proposal
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def organisation(self) -> Organisation | None:
        return next((each for each in _organisations() if each.id == self.answers.get("publisher")), None)

    @property
    def styles(self) -> tuple[str, ...]:
        """In which its periods can be read."""
        if self.said.period is None:
            return ()
        if self.said.period[1] or "period" not in self.answers:
            return self.said.period[1]
        return _styles(self.answers["period"])


def _nothing(case: Case) -> str | None:
    return None


def _as_typed(text: str, case: Case) -> str:
    return text


def _always(case: Case) -> bool:
    return True


def _of_figures(case: Case) -> bool:
    return case.said.has_figures


@dataclass(frozen=True)
class Question:
    """`usual` is what Enter takes; `quiet`: it is taken without asking. `read` raises PromiseError for no answer."""

    name: str  # of the option
    asks: str
    usual: Callable[[Case], str | None] = _nothing
    read: Callable[[str, Case], str] = _as_typed
    is_asked: Callable[[Case], bool] = _always
    quiet: bool = False


# -- what an answer must be --------------------------------------------------------------------------------------------


def _organisations() -> tuple[Organisation, ...]:
    from promise.catalogue.framework import framework

    return framework().organisations


def _publisher(text: str, case: Case) -> str:
    named: dict[str, str] = {each.name.casefold(): each.id for each in _organisations()}
    ids = [*named.values()]
    if found := text if text in ids else named.get(text.casefold()):
        return found
    near = difflib.get_close_matches(text.casefold(), [*named, *ids], n=3)
    raise PromiseError(
        f"{text!r} is no organisation of framework/organisations.yml"
        + (f"; near it: {', '.join(dict.fromkeys(named.get(each, each) for each in near))}" if near else "")
        + f". A publisher that is new is described there first: id: {_as_id(text)}, name: {text}, kind, answers_for, "
        "url, source_url (docs/framework_fields.md)"
    )


def _as_id(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_") or "its_id"


def _address(text: str, case: Case) -> str:
    if not re.match(r"^https?://\S+$", text):
        raise PromiseError(f"{text!r} is no address; write one that begins with https://")
    return text


def _address_or_none(text: str, case: Case) -> str:
    return text if text == NONE else _address(text, case)


def _one_of(choices: Callable[[Case], tuple[str, ...]]) -> Callable[[str, Case], str]:
    def read(text: str, case: Case) -> str:
        if text not in choices(case):
            raise PromiseError(f"{text!r} is none of {', '.join(choices(case))}; choose one of these")
        return text

    return read


def _cadences(case: Case) -> tuple[str, ...]:
    from typing import get_args

    from promise.catalogue.sources import Source

    return get_args(Source.model_fields["cadence"].annotation)


def _freshness(text: str, case: Case) -> str:
    days = re.fullmatch(r"([1-9][0-9]*)/([1-9][0-9]*)", text)
    if text != NONE and (not days or int(days[1]) > int(days[2])):
        raise PromiseError(
            f"{text!r} is no pair of days; write after how many days without a newer file it is late, and after how "
            "many that is a fault, such as 400/550, or none for what does not age"
        )
    return text


def _nobody(text: str, case: Case) -> str:
    if text != NONE:
        raise PromiseError(
            f"{text!r} is not none; a file with a column about a person is not taken in. Ask its publisher for one "
            "without it"
        )
    return text


def _day(text: str, case: Case) -> str:
    if text == "unknown":
        return text
    try:
        date.fromisoformat(f"{text}-01-01"[:10] if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text) else "")
    except ValueError:
        raise PromiseError(
            f"{text!r} is no day; write it as 2025-03-27, as 2025-03 or 2025 where no more is known, or unknown"
        ) from None
    return text


def _columns(text: str, case: Case) -> str:
    named = [each.strip() for each in text.split(",") if each.strip()]
    if unknown := sorted(set(named) - set(case.said.numbers)):
        raise PromiseError(f"{', '.join(unknown)}: no column of numbers; there are {', '.join(case.said.numbers)}")
    if not named:
        raise PromiseError(f"name one column at least of {', '.join(case.said.numbers)}")
    return ", ".join(named)


def _styles(period: str) -> tuple[str, ...]:
    from promise.vocabulary import UnknownValue
    from promise.vocabulary.period_forms import vocabulary
    from promise.vocabulary.periods import read_period

    def reads(style: str) -> bool:
        try:
            read_period(period, style)
        except UnknownValue:
            return False
        return True

    return tuple(filter(reads, vocabulary().styles))


def _period(text: str, case: Case) -> str:
    if not _styles(text):
        raise PromiseError(f"{text!r} is in no style of periods; write such as 2023, 2022/23 or 2023-07-31")
    return text


# -- what is proposed --------------------------------------------------------------------------------------------------


def _attribution(case: Case) -> str | None:
    publisher, title = case.organisation, case.answers.get("title")
    return f"{publisher.name}, {title}" if publisher and title else None


def _usual_freshness(case: Case) -> str | None:
    """What is said of most sources that come out as often."""
    from promise.catalogue.sources import sources

    alike = Counter(
        f"{each.freshness.warn_after_days}/{each.freshness.error_after_days}" if each.freshness else NONE
        for each in sources().values()
        if each.cadence == case.answers.get("cadence")
    )
    return alike.most_common(1)[0][0] if alike else None


def _usual_cron(case: Case) -> str | None:
    """The day and hour at which most sources are looked for that come out as often, at a minute of its own."""
    from promise.catalogue.sources import sources

    alike = Counter(
        each.check_cron.split(" ", 1)[1] for each in sources().values() if each.cadence == case.answers.get("cadence")
    )
    minute = zlib.crc32(case.source_id.encode()) % 12 * 5
    return f"{minute} {alike.most_common(1)[0][0]}" if alike else None


def _values(case: Case) -> str:
    return ", ".join(case.said.numbers)


def _style(case: Case) -> str | None:
    return case.styles[0] if len(case.styles) == 1 else None


def _how_known(case: Case) -> str | None:
    return "The file carries no date." if case.answers.get("published-on") == "unknown" else None


def _publication_id(case: Case) -> str:
    known = case.answers.get("published-on", "unknown")
    edition = "1" if known == "unknown" else known.replace("-", "_")
    return f"{case.source_id[: 39 - len(edition)]}_{edition}"


def _rank(case: Case) -> str:
    """Behind all that are known of its series."""
    from promise.catalogue.sources import sources

    known = [
        edition.publication.rank
        for source in sources().values()
        for edition in source.bundle
        if edition.publication and edition.publication.series == case.answers.get("series")
    ]
    return str(max(known, default=0) + 1)


def _whole(text: str, case: Case) -> str:
    if not text.isdigit():
        raise PromiseError(f"{text!r} is no rank; write a whole number, higher for the later of two")
    return text


def _same(name: str) -> Callable[[Case], str | None]:
    return lambda case: case.answers.get(name)


QUESTIONS = (
    Question("title", "What the publisher calls it"),
    Question("description", "What is counted, of whom, when and where, and what a reader could get wrong"),
    Question("publisher", "Who publishes it: a name or id of framework/organisations.yml", read=_publisher),
    Question("page", "The publisher's page that leads to the file", read=_address),
    Question("licence", "Its licence in the publisher's words, or ogl; a file without one does not belong here"),
    Question("licence-url", "The licence's address, or none", usual=lambda case: NONE, read=_address_or_none),
    Question("attribution", "The words that the publisher asks to be quoted", usual=_attribution),
    Question("cadence", "How often it comes out", read=_one_of(_cadences)),
    Question("check-cron", "When to look, such as '5 6 2 * *'", usual=_usual_cron, quiet=True),
    Question(
        "freshness", "After how many days without a newer file it is late, and a fault, as 400/550; none if never",
        usual=_usual_freshness, read=_freshness,
    ),
    Question(
        "personal-data", "Write none when somebody has looked at every heading, and none is about a person",
        read=_nobody,
    ),
    Question("origin", "The address from which this file was fetched", usual=_same("page"), read=_address),
    Question(
        "values", "Which of its columns of numbers hold the figures", usual=_values, read=_columns,
        is_asked=lambda case: case.said.has_figures and len(case.said.numbers) > 1,
    ),
    Question(
        "called", "What all of its figures are of, in the publisher's words, since no column says it",
        usual=lambda case: case.said.called,
        is_asked=lambda case: case.said.has_figures and case.said.called is not None,
    ),
    Question(
        "period", "Of which period they are, since nothing in the file says it, such as 2022/23", read=_period,
        is_asked=lambda case: case.said.has_figures and case.said.period is not None and not case.said.period[1],
    ),
    Question(
        "style", "In which style its periods are written", usual=_style, read=_one_of(lambda case: case.styles),
        is_asked=lambda case: bool(case.styles),
    ),
    Question(
        "published-on", "When it was published: 2025-03-27, 2025-03 or 2025 where no more is known, or unknown",
        read=_day, is_asked=_of_figures,
    ),
    Question("date-known-by", "How that date is known", usual=_how_known, is_asked=_of_figures),
    Question("publication-id", "The id of the publication", usual=_publication_id, is_asked=_of_figures, quiet=True),
    Question("publication-title", "Its title", usual=_same("title"), is_asked=_of_figures, quiet=True),
    Question(
        "publication-page", "Where it is announced", usual=_same("page"), read=_address, is_asked=_of_figures,
        quiet=True,
    ),
    Question("series", "What all its editions are called", usual=_same("title"), is_asked=_of_figures, quiet=True),
    Question("rank", "Its place among them", usual=_rank, read=_whole, is_asked=_of_figures, quiet=True),
)  # fmt: skip
BY_NAME = {each.name: each for each in QUESTIONS}


def answer(case: Case, given: Mapping[str, str], ask: Ask | None = None) -> dict[str, str]:
    """Every answer that was given, proposed and taken, or typed; also left in `case`.

    Raises PromiseError for one that is given and is none; of one that is typed that is said, and it is asked again.
    """
    for question in QUESTIONS:
        if not question.is_asked(case):
            if question.name in given:
                raise PromiseError(f"--{question.name} is said by this file itself, or is for none such; leave it out")
        elif question.name in given:
            case.answers[question.name] = _read(question, given[question.name], case)
        elif question.name in case.answers:
            continue
        elif ask and not (question.quiet and question.usual(case)) and not _is_settled(question, case):
            case.answers[question.name] = _typed(question, case, ask)
        elif (question.quiet or _is_settled(question, case)) and (usual := question.usual(case)):
            case.answers[question.name] = usual
        if question.name == "licence" and case.answers.get("licence", "").casefold() == "ogl":
            case.answers |= OGL
    return case.answers


def _is_settled(question: Question, case: Case) -> bool:
    """Whether only one answer is possible."""
    return question.name == "style" and len(case.styles) == 1


def _read(question: Question, text: str, case: Case) -> str:
    one_line = " ".join(text.split())
    if not one_line:
        raise PromiseError(f"--{question.name} is empty; say it, or leave it out")
    try:
        return question.read(one_line, case)
    except CatalogueError:  # of what is described already, and no word about the answer
        raise
    except PromiseError as error:
        raise PromiseError(f"--{question.name}: {error}") from None


def in_words(question: Question, case: Case) -> str:
    """The question with what there is to choose from, or to look at."""
    if question.name == "personal-data" and case.said.personal:
        return f"{question.asks}; look hard at {', '.join(case.said.personal)}"
    choices = {"style": case.styles, "cadence": _cadences(case)}.get(question.name)
    return f"{question.asks} ({', '.join(choices)})" if choices else question.asks


def _typed(question: Question, case: Case, ask: Ask) -> str:
    words = in_words(question, case)
    while True:
        typed = ask(words, question.usual(case))
        try:
            return _read(question, typed, case)
        except PromiseError as error:
            words = str(error).removeprefix(f"--{question.name}: ")


# -- the words among its figures ---------------------------------------------------------------------------------------


def kinds() -> tuple[str, ...]:
    """What a word in place of a number, or beside it, may mean."""
    from typing import get_args

    from promise.catalogue.sources import ObsStatus

    return SUPPRESSED, *get_args(ObsStatus)


def markers(case: Case, given: Mapping[str, str], ask: Ask | None = None) -> dict[str, str]:
    """The kind of each word among the figures that is known by nobody's list, as far as it is said."""
    from promise.vocabulary.markers import find_qualifier

    if unknown := sorted(set(given) - set(case.said.markers)):
        raise PromiseError(f"--marker: {', '.join(map(repr, unknown))} stands nowhere among its figures; remove it")
    found: dict[str, str] = {}
    for word, usually in case.said.markers.items():
        if case.said.qualifiers and find_qualifier(word):
            continue
        question = Question("marker", f"What {word!r} means here, usually {usually} ({', '.join(kinds())})",
                            read=_one_of(lambda _: kinds()))  # fmt: skip
        if word in given:
            found[word] = _read(question, given[word], case)
        elif ask:
            found[word] = _typed(question, case, ask)
    return found
