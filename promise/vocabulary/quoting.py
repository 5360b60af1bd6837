"""What may be quoted of a cell: a number, a marker, an area or a period. Any other text may be about a child.

A number that is a person's (a CHI number, a telephone number) is none that may be quoted.

One place decides, for messages, tables and pages alike.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date
from decimal import Decimal

from promise.vocabulary.areas import find_area, other_kind
from promise.vocabulary.markers import known_markers
from promise.vocabulary.numbers import find_number
from promise.vocabulary.periods import looks_impossible, recognise
from promise.vocabulary.personal import find_personal

WITHHELD = "withheld"  # what stands for a number that readers may not see
INSTEAD = re.compile(rf"a text of [0-9,]+ characters?|{WITHHELD}")
# What nobody can read as a number (7,5 or 1.2.3), or knows as an area (X12000001): no letters, or one and digits.
LIKE_A_NUMBER_OR_A_CODE = re.compile(r"[-+−]?[0-9][0-9.,]{0,15}%?|[A-Z][0-9]{8}")
# How PostgreSQL quotes: `invalid input syntax for type numeric: "..."`, `COPY t, line 3, column c: "..."`, `value "..."
# is out of range`, `Key (k)=(...) already exists`, `Failing row contains (...)`. Names stand after a word, not a colon.
# Each with what no text is without that it finds: most of what is looked through is SQL, and long.
DATABASE_QUOTES = (
    ((': "', 'value "'), re.compile(r'(?::|\bvalue) "(?P<value>[^\n]*?)"(?= is out of range|\s*$)', re.MULTILINE)),
    (("Key (",), re.compile(r"\bKey \([^\n]*?\)=\((?P<value>[^\n]*)\)(?= )")),
    (("Failing row contains (",), re.compile(r"\bFailing row contains \((?P<value>[^\n]*)\)")),
)
OF_VALUES = (ValueError, LookupError, ArithmeticError)  # of Python's, that quote what they were given
LITERAL = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
ADDRESS = re.compile(r"[:.!\[\]]")
NAME_OF_CODE = re.compile(r"[a-z_][a-z0-9_.]*")
Quoted = str | int | float | Decimal | date | None


def quoted(value: object, markers: Container[str] = ()) -> Quoted:
    """The value where it may be quoted, else how long a text it is. `markers` are those that the source declares.

    What was quoted before is quoted the same again.
    """
    if value is None or (isinstance(value, int | float | Decimal | date) and not find_personal(str(value))):
        return value
    text = str(value)
    if may_be_quoted(text, markers) or INSTEAD.fullmatch(text):
        return text
    return _length(text)


def found(value: object, markers: Container[str] = ()) -> str:
    """The same within a sentence: a text that may be quoted between quotes."""
    shown = quoted(value, markers)
    return shown if isinstance(shown, str) and INSTEAD.fullmatch(shown) else repr(shown)


def masked(text: str, permitted: Container[str] = ()) -> str:
    """Words that are no cell's, such as a file's name or a publisher's, without what is known for a person's.

    What is `permitted` stays: it is known to be nobody's.
    """
    # An address such as "line 3:Heading" or "records.key" puts a sign before a text that no rule expects there.
    for part in (text, *ADDRESS.split(text)):
        for each in find_personal(part):
            if each.text not in permitted:
                text = text.replace(each.text, f"({each})")
    return text


def of_database(message: str) -> str:
    """What PostgreSQL says, or dbt in its words, without the values that it quotes: lines of COPY, keys, rows."""
    for signs, pattern in DATABASE_QUOTES:
        if any(sign in message for sign in signs):
            message = pattern.sub(_instead, message)
    return message


def without_values(error: BaseException) -> None:
    """Take out of an error, and of those that it came of, what it quotes of somebody's data: a traceback prints it.

    PostgreSQL quotes a row, `float()` a text, a mapping its key. Names of code stay, and so do the lines of the code.
    """
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        waiting += [each.__cause__, each.__context__]
        clean = _of_a_value if isinstance(each, OF_VALUES) else _of_anything
        if isinstance(each, KeyError):
            each.args = tuple(_literal(given) if isinstance(given, str) else given for given in each.args)
        else:
            each.args = tuple(clean(given) if isinstance(given, str) else given for given in each.args)
        if notes := getattr(each, "__notes__", None):
            notes[:] = map(_of_anything, notes)


def _of_a_value(message: str) -> str:
    return _of_anything(LITERAL.sub(lambda match: f"{match[0][0]}{_literal(match[0][1:-1])}{match[0][0]}", message))


def _of_anything(message: str) -> str:
    return masked(of_database(message))


def _literal(text: str) -> str:
    return text if NAME_OF_CODE.fullmatch(text) else str(quoted(text))


def _instead(match: re.Match[str]) -> str:
    start, end = (match.start("value") - match.start(), match.end("value") - match.start())
    before, after = match[0][:start].removesuffix('"'), match[0][end:].removeprefix('"')
    return f"{before}{found(match['value'])}{after}"


def _length(text: str) -> str:
    return f"a text of {len(text):,} character{'' if len(text) == 1 else 's'}"


def may_be_quoted(text: str, markers: Container[str] = ()) -> bool:
    """Whether a text is nothing but a number, a marker, an area or a period, also one that cannot be (2022/24)."""
    bare = text.strip()
    if find_personal(bare):
        return False
    return (
        not bare
        or bare in markers
        or bare in known_markers()
        or find_number(bare) is not None
        or find_area(bare) is not None
        or other_kind(bare) is not None
        or bool(recognise(bare))
        or looks_impossible(bare) is not None
        or LIKE_A_NUMBER_OR_A_CODE.fullmatch(bare) is not None
    )
