"""What went wrong, in a sentence for people: the one place in which the command line turns errors into words.

Machines fill up, servers go away and another command is first; whoever typed a command sees what happened, where, and
what to do. What nobody foresaw is a fault of ours: its traceback goes into a file, and the sentence says which.
"""

from __future__ import annotations

import errno
import sys
import traceback
from datetime import UTC, datetime

from promise.errors import PromiseError
from promise.settings import settings
from promise.vocabulary.quoting import masked, without_values

OF_THE_MACHINE = {
    **dict.fromkeys(
        (errno.ENOSPC, errno.EDQUOT),
        "the disk is full. Free some space and run again: what was not finished is taken up or undone then",
    ),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS),
        "this user may not read or write there. Give the place to this user, or choose another (PROMISE_HOME says "
        "where all state is kept)",
    ),
    **dict.fromkeys(
        (errno.ENOTDIR, errno.EEXIST, errno.EISDIR),
        "a file stands where a folder should, or the reverse. Move it away, or choose another place (PROMISE_HOME says "
        "where all state is kept)",
    ),
    errno.EMFILE: "too many files are open in one process. Raise the limit (`ulimit -n 4096`) and run again",
    errno.ENOMEM: "the machine has no memory left. End something else and run again",
}

# By the beginning of PostgreSQL's code (its manual, appendix A); the longest that fits says what to do.
OF_THE_DATABASE = {
    "08": "the connection broke. Start it (`promise db url`), or check PROMISE_DATABASE_URL, and run again",
    "25006": "it takes no writing: a standby, or set to read only. PROMISE_DATABASE_URL must name one that does",
    "3F": "it is not as this revision of the project has it. `promise db url` prepares it",
    "40": "another command was at work on the same rows, and was first. Run again",
    "42501": "the role that PROMISE_DATABASE_URL names may not do that. It must own the database",
    "42P01": "it is not as this revision of the project has it. `promise db url` prepares it",
    "42703": "it is not as this revision of the project has it. `promise db url` prepares it",
    "53": "it has no room for more: memory or connections. See what else uses it, and run again",
    "53100": "its disk is full. Free some space where it keeps its data and run again: what was not finished is undone",
    "55P03": "another command holds what this one needs. Wait for it and run again",
    "57": "it is being stopped, or somebody ended the statement. Start it (`promise db url`) and run again",
}
GONE = "it went away, or never answered. Start it (`promise db url`), or check PROMISE_DATABASE_URL, and run again"


def in_words(error: Exception) -> str:
    """A sentence or two about an error of any kind. Keeps the traceback of one that is of no known kind.

    Neither quotes what stands in a file or a table and may be about somebody.
    """
    without_values(error)
    if isinstance(error, PromiseError):
        return str(error)
    return masked(_of_the_machine(error) or _of_the_database(error) or _unforeseen(error))


def _of_the_machine(error: Exception) -> str | None:
    if not isinstance(error, OSError) or error.errno not in OF_THE_MACHINE:
        return None
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{OF_THE_MACHINE[error.errno]} ({error.strerror})"


def _of_the_database(error: Exception) -> str | None:
    if "psycopg" not in sys.modules:  # it takes 0.1 s to import, and cannot have raised anything before
        return None
    import psycopg

    if not isinstance(error, psycopg.Error):
        return None
    code = error.sqlstate or ""
    fitting = [known for known in OF_THE_DATABASE if code.startswith(known)]
    if not fitting and (code or not isinstance(error, psycopg.OperationalError)):
        return None
    to_do = OF_THE_DATABASE[max(fitting, key=len)] if fitting else GONE
    return f"the database said: {str(error).strip()}\n{to_do[0].upper()}{to_do[1:]}"


def _unforeseen(error: Exception) -> str:
    trace = masked("".join(traceback.format_exception(error)))
    told = f"something that nobody foresaw: {type(error).__name__}: {error}".rstrip(": ")
    try:
        kept = settings().home / "fault.txt"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC, promise {' '.join(sys.argv[1:])}\n\n{trace}")
    except (OSError, PromiseError):
        return f"{told}\n{trace}"  # there is nowhere to put it, and without it nobody can mend it
    return f"{told}\nThis is a fault of the project. {kept} says where; please report it with that file"
