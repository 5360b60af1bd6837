"""Credentials: from Airflow's connections or the environment, and from there into a request only.

Everything that is shown, kept or logged goes through `Redacted`, which knows the credential in all its spellings.
"""

from __future__ import annotations

import os
import re
from urllib.parse import quote, quote_plus

import httpx

from ingestion.errors import SourceChanged

HIDDEN = "***"
# Nobody's key should be in an address; these names are hidden even where we did not put them there ourselves.
TELLING = re.compile(r"(?i)^(uid|key|api_?key|token|access_token|secret|password|pwd|sig|signature)$")
URL = re.compile(r"https?://[^\s'\"<>]+")


def credential(source_id: str, connection: str) -> str:
    """The password of an Airflow connection; PROMISE_CREDENTIAL_<CONNECTION> in the environment comes first.

    Raises SourceChanged when there is none: no retry helps, somebody has to set it.
    """
    name = f"PROMISE_CREDENTIAL_{connection.upper()}"
    if given := os.environ.get(name):
        return given
    found = _from_airflow(connection)
    if not found:
        raise SourceChanged(
            f"{source_id}: no credential; expected an Airflow connection {connection!r} with a password, or the "
            f"environment variable {name}. Ask the publisher for a key and set one of them"
        )
    return found


def _from_airflow(connection: str) -> str | None:
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError

    try:
        return str(Connection.get(connection).password or "") or None
    except (AirflowNotFoundException, AirflowRuntimeError):
        return None


class Redacted:
    """What takes a source's secrets out of a text."""

    def __init__(self, *secrets: str) -> None:
        spellings = {
            spelt for secret in secrets if secret for spelt in (secret, quote(secret, safe=""), quote_plus(secret))
        }
        self._secret = re.compile(
            "|".join(re.escape(each) for each in sorted(spellings, key=len, reverse=True)) or "(?!)"
        )

    def text(self, text: str) -> str:
        """The text without secrets, its addresses included."""
        return self._secret.sub(HIDDEN, URL.sub(lambda found: self.url(found.group()), text))

    def url(self, url: str | httpx.URL) -> str:
        """An address as it may be kept: no user, no telling parameter, otherwise unchanged to the letter."""
        text = re.sub(r"^([a-z]+://)[^/?#@]*@", r"\1", str(url))
        address, mark, query = text.partition("?")
        if mark:
            kept = [
                f"{name}={HIDDEN}" if equals and TELLING.match(name) else f"{name}{equals}{value}"
                for name, equals, value in (part.partition("=") for part in query.split("&"))
            ]
            address = f"{address}?{'&'.join(kept)}"
        return self._secret.sub(HIDDEN, address)
