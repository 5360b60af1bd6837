"""Telling people what happened: by mail and by webhook, through Airflow's own notifiers, as PROMISE_NOTIFY says.

PROMISE_NOTIFY names whom to tell, with spaces between: `smtp://` and `smtps://` addresses of mail servers, which say
from whom and to whom, and `https://` addresses of webhooks. Unset: nobody is told. Each becomes a connection of
Airflow's, `promise_notify_1` and so on. A message that cannot be delivered is a line in the log and nothing else.
"""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from promise.errors import PromiseError
from promise.settings import settings

PATIENCE = 10  # seconds for a server to answer: a task waits meanwhile
LONGEST = 1500  # characters of a message; the log has the rest
MAIL = ("smtp", "smtps")
HOOK = ("https", "http")
EXAMPLE = "smtp://user:password@mail.example.org:587?from=promise@example.org&to=data@example.org"
KEYS = {"from", "to", "starttls"}
log = logging.getLogger("orchestration.notify")
unheard = logging.Logger("unheard", level=logging.CRITICAL + 1)  # nothing is that grave


@dataclass(frozen=True)
class Notice:
    """One message: what happened, where, and what to do about it."""

    subject: str
    happened: str
    where: str
    to_do: str

    @property
    def text(self) -> str:
        """For people. A password in an address that somebody's error quotes is left out."""
        happened = re.sub(r"(?<=://)[^/\s@]+@", "", self.happened)
        if len(happened) > LONGEST:
            happened = f"{happened[:LONGEST]} …"
        return f"{happened}\n\nWhere: {self.where}\nWhat to do: {self.to_do}"


@dataclass(frozen=True)
class Addressee:
    """Whom to tell: a connection as Airflow keeps it, and the notifier that uses it."""

    connection_id: str
    shown: str  # without anything secret
    connection: Mapping[str, Any] = field(repr=False)
    sender: str | None = None  # of a mail; None: it is a webhook
    to: tuple[str, ...] = ()


def addressees(setting: str | None = None) -> list[Addressee]:
    """Whom PROMISE_NOTIFY names. Raises PromiseError for what is no address, naming it without its password."""
    words = (settings().notify if setting is None else setting) or ""
    return [_addressee(f"promise_notify_{number}", word) for number, word in enumerate(words.split(), 1)]


def connections() -> dict[str, str]:
    """The variables by which Airflow knows the connections."""
    return {f"AIRFLOW_CONN_{each.connection_id.upper()}": json.dumps(each.connection) for each in addressees()}


def tell(notice: Notice) -> None:
    """Send a message to everybody who is to be told. Never raises: whoever tells has something else to do."""
    for each in addressees():
        try:
            _notifier(each, notice).notify({})
        except Exception as error:
            # The kind alone: the words of an error quote the address, and a webhook's address is its password.
            log.warning("%s could not be told of %r: %s", each.shown, notice.subject, type(error).__name__)


def failed(dag_id: str, task_id: str, words: str, where: str) -> None:
    """A task failed for good."""
    tell(
        Notice(
            subject=f"Promise: {dag_id} failed",
            happened=f"{task_id} of {dag_id} failed: {words}",
            where=where,
            to_do="what the message says; if it says nothing, read the log there. Readers still see the release "
            "before. Then `promise run`, or clear the task in Airflow",
        )
    )


def quarantined(vintages: Iterable[Mapping[str, Any]]) -> None:
    """These vintages are kept out, by arrival or by a check of what was built. One message each."""
    for each in vintages:
        number, is_held = each["vintage"], each["arrival"] == "held"
        tell(
            Notice(
                subject=f"Promise: {each['source_id']} {'waits for a person' if is_held else 'is in quarantine'}",
                happened=f"Vintage {number} of {each['source_id']} was {each['arrival']}: {each['reason']}",
                where=f"`promise quarantine show {number}`"
                if is_held
                else f"ingestion/sources/{each['source_id']}/source.yml, and `promise status`",
                to_do=f'decide: `promise quarantine accept {number} --why "…"`, or reject. The vintage is not used '
                "until then, and everything else goes on without it"
                if is_held
                else "what the reason says: ask the publisher, or correct the source's description. The vintage is "
                "judged again by every run until then, and everything else goes on without it",
            )
        )


def late(sources: Mapping[str, str]) -> None:
    """Publications that should be out are not held here: source and on what that rests. One message for all."""
    tell(
        Notice(
            subject=f"Promise: late: {', '.join(sources)}",
            happened="\n".join(f"{source_id} is {words}" for source_id, words in sources.items()),
            where="`promise calendar`",
            to_do="look at the publisher's page. When it is out there, `promise run` fetches it, or its source says "
            "why not (`promise status`); when the publisher has moved the date, correct the source's cadence",
        )
    )


def _addressee(connection_id: str, word: str) -> Addressee:
    parts = urlsplit(word)
    shown = f"{parts.scheme}://{parts.hostname}" if parts.hostname else f"{parts.scheme or word[:10]!s}…"
    try:
        port = parts.port
    except ValueError as error:
        raise PromiseError(f"PROMISE_NOTIFY: {shown} has no possible port ({error}); write {EXAMPLE}") from None
    if parts.scheme not in MAIL + HOOK or not parts.hostname:
        raise PromiseError(
            f"PROMISE_NOTIFY: {shown} is no address of a mail server or webhook; write {EXAMPLE} or "
            "https://hooks.example.org/…, with spaces between several"
        )
    if parts.scheme in HOOK:
        # The whole address as host: Airflow's HTTP connection takes one that has a scheme as it is.
        # What is told goes to who is named, and not to where its server would send it.
        extra = {"timeout": PATIENCE, "allow_redirects": False}
        return Addressee(connection_id, shown, {"conn_type": "http", "host": word, "extra": extra})
    said = parse_qsl(parts.query, keep_blank_values=True)
    given = dict(said)
    to = tuple(value for key, value in said if key == "to" and value)
    if unknown := sorted(set(given) - KEYS):
        raise PromiseError(f"PROMISE_NOTIFY: {shown} says {', '.join(unknown)}; expected from, to and starttls")
    if not to or not given.get("from"):
        raise PromiseError(f"PROMISE_NOTIFY: {shown} does not say from whom and to whom; write {EXAMPLE}")
    if given.get("starttls", "yes") not in ("yes", "no"):
        raise PromiseError(f"PROMISE_NOTIFY: {shown} says starttls={given['starttls']}; expected yes or no")
    encrypted = parts.scheme == "smtps"
    return Addressee(
        connection_id,
        shown,
        {
            "conn_type": "smtp",
            "host": parts.hostname,
            "port": port or (465 if encrypted else 587),
            "login": unquote(parts.username or "") or None,
            "password": unquote(parts.password or "") or None,
            "extra": {
                "timeout": PATIENCE,
                "retry_limit": 0,
                "disable_ssl": not encrypted,
                "disable_tls": encrypted or given.get("starttls") == "no",
            },
        },
        sender=given["from"],
        to=to,
    )


def _notifier(each: Addressee, notice: Notice) -> Any:
    """Airflow's own notifier. Not to be called but by its `notify`: it would take our words for a template."""
    if each.sender is None:
        from airflow.providers.http.hooks.http import HttpHook
        from airflow.providers.http.notifications import HttpNotifier

        class Discreet(HttpHook):  # type: ignore[misc,unused-ignore]
            """Airflow's own, without its log, which quotes the address of a server that does not answer."""

            log = unheard

            def run(self, *arguments: Any, **options: Any) -> Any:
                """Airflow takes an answer that sends us elsewhere for success."""
                answer = super().run(*arguments, **options)
                if answer.is_redirect:
                    raise PromiseError("the webhook has moved")
                return answer

        notifier = HttpNotifier(http_conn_id=each.connection_id, json={"text": f"{notice.subject}\n\n{notice.text}"})
        notifier.hook = Discreet(http_conn_id=each.connection_id)
        return notifier
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    return SmtpNotifier(
        smtp_conn_id=each.connection_id,
        from_email=each.sender,
        to=list(each.to),
        subject=notice.subject,
        html_content=f"<pre>{html.escape(notice.text)}</pre>",
    )
