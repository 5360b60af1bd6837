"""Talking to Metabase: `metabase-api` as the transport, behind a guard that raises.

The package answers `False` or a bare status code when something goes wrong and waits for ever for a server that does
not reply. Here every call has a time limit, every answer is looked at, and a failure says which call it was, what
Metabase said and what to do. No key and no password ever gets into a message.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from promise.errors import PromiseError

TIMEOUT = 30.0  # seconds for one answer; a choropleth's file is fetched by Metabase itself within 8
WORDS = 400  # characters of Metabase's own words in an error

REMEDIES = {
    400: "Metabase refused what was sent; its words say which part. Has its API changed in this version?",
    401: "The key is not, or no longer, one of this Metabase: `promise bi setup` makes a new one; or make one for the "
    "group Administrators (Admin settings, Authentication) and set METABASE_API_KEY.",
    403: "The API key's group may not do this; give it a key of the group Administrators.",
    409: "Somebody else changed it at the same moment; apply again.",
    404: "Was it deleted a moment ago, or is there something else than Metabase behind METABASE_URL?",
}
SERVER_FAULT = "Look at Metabase's log, then apply again: what is already in place is not written twice."


class NotConfigured(PromiseError):
    """No Metabase was named, so there is nothing to provision. Not a failure."""


class MetabaseError(PromiseError):
    """Metabase did not do what was asked. The message has the call, the status, Metabase's words and a remedy."""


class Conflict(MetabaseError):
    """Somebody else changed it between our look and our write."""


class NotReady(MetabaseError):
    """Metabase is not there yet, or not at the moment; waiting may help."""


class NotYet(NotReady):
    """Metabase did not come up for as long as it was waited for. Nothing was asked of it."""


class SignInRefused(MetabaseError):
    """Metabase does not let that administrator in. Each further try makes that person wait longer, too."""


def transport(url: str, header: dict[str, str]) -> Any:
    """`metabase-api`'s client for a key or a session, made without asking the server anything.

    Its constructor sends `GET /api/database/1` with no time limit, and a socket-wide default does not help because
    `requests` overrides it with "none" (tried: with `socket.setdefaulttimeout(1)` it still waited). It also notices
    nothing but a 401. So the attributes that the verbs use are set here, and provisioning asks first whose key it is.
    """
    from metabase_api import Metabase_API  # type: ignore[import-untyped]

    class KeyOnly(Metabase_API):  # type: ignore[misc]
        def __init__(self) -> None:
            self.domain = url.rstrip("/")
            self.email = None  # no session, so the verbs do not ask who we are before each call
            self.auth = None
            self.header = header
            self.is_admin = True

    return KeyOnly()


class Client:
    """The verbs that provisioning uses. Each returns the answer's JSON (None when empty) or raises MetabaseError."""

    def __init__(
        self,
        url: str,
        secret: str,
        secrets: Iterable[str] = (),
        timeout: float = TIMEOUT,
        header: str = "X-API-KEY",
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MetabaseError("METABASE_URL is not an address; write it as https://metabase.example.org")
        if parts.username or parts.password:
            raise MetabaseError("METABASE_URL contains a user or password; remove it, METABASE_API_KEY is enough")
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._secrets = sorted({secret, *secrets} - {""}, key=len, reverse=True)
        self._transport = transport(self.url, {header: secret} if secret else {})

    def get(self, path: str, remedy: str | None = None, **params: Any) -> Any:
        return self._send("get", path, remedy, params=params)

    def post(self, path: str, body: dict[str, Any] | None, remedy: str | None = None) -> Any:
        return self._send("post", path, remedy, json=body)

    def put(self, path: str, body: dict[str, Any], remedy: str | None = None) -> Any:
        return self._send("put", path, remedy, json=body)

    def delete(self, path: str) -> Any:
        return self._send("delete", path, None)

    def find(self, path: str, **params: Any) -> Any | None:
        """Like get, but None when there is no such thing."""
        answer = self._ask("get", path, params=params)
        return None if answer.status_code == 404 else self._read("get", path, answer, None)

    def permitted(self, path: str, body: dict[str, Any] | None = None) -> Any | None:
        """The answer to a question, or to what is posted; None when whoever asks may not."""
        answer = self._ask("post", path, json=body) if body else self._ask("get", path)
        return (
            None if answer.status_code in (400, 401, 403) else self._read("post" if body else "get", path, answer, None)
        )

    def wait_until_ready(self, patience: float) -> dict[str, Any]:
        """The public properties, once Metabase is up. Health turns green before the real endpoints work, so both."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self.get("/api/health")
                answer = self.get("/api/session/properties")
            except NotReady as error:
                if time.monotonic() >= deadline:
                    raise NotYet(str(error)) from None
                time.sleep(min(1.0, patience / 5))
                continue
            if isinstance(answer, dict) and isinstance(answer.get("version"), dict):
                return answer
            raise MetabaseError(f"{self.url} answers, but not as Metabase does; is METABASE_URL right?")

    def clean(self, words: str) -> str:
        """The words without any secret."""
        for secret in self._secrets:
            words = words.replace(secret, "***")
        return words

    def _send(self, verb: str, path: str, remedy: str | None, **kwargs: Any) -> Any:
        return self._read(verb, path, self._ask(verb, path, **kwargs), remedy)

    def _ask(self, verb: str, path: str, **kwargs: Any) -> Any:
        import requests

        try:
            # Redirects are not followed: the key would be sent to wherever they lead.
            return getattr(self._transport, verb)(path, "raw", timeout=self.timeout, allow_redirects=False, **kwargs)
        except requests.Timeout:
            raise NotReady(
                f"{verb.upper()} {self.url}{path}: no answer within {self.timeout:g} s. {SERVER_FAULT}"
            ) from None
        except requests.RequestException as error:
            # `from None`: the original carries the request, and the request carries the key.
            raise NotReady(
                f"{verb.upper()} {self.url}{path}: {self.clean(_reason(error))}. "
                "Is Metabase running, and is METABASE_URL its address as seen from here?"
            ) from None

    def _read(self, verb: str, path: str, answer: Any, remedy: str | None) -> Any:
        call, status = f"{verb.upper()} {self.url}{path}", int(answer.status_code)
        if 300 <= status < 400:
            to = self.clean(str(answer.headers.get("Location", "another address")))
            raise MetabaseError(f"{call}: HTTP {status}, redirected to {to}. Set METABASE_URL to the final address.")
        if status >= 400:
            words = self.clean(words_of(answer.text)) or "(no words)"
            advice = REMEDIES.get(status, SERVER_FAULT)
            if remedy and status not in (401, 403):
                advice = remedy
            kind = NotReady if status >= 500 else Conflict if status == 409 else MetabaseError
            raise kind(f"{call}: HTTP {status}: {words}\n{advice}")
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError:
            raise MetabaseError(
                f"{call}: HTTP {status}, but the answer is not JSON ({self.clean(answer.text[:60])!r}). "
                "Is there a login page or something else than Metabase behind METABASE_URL?"
            ) from None


def words_of(text: str) -> str:
    """Metabase's own words in the body of an error, which can be plain text or JSON of several shapes."""
    try:
        body = json.loads(text)
    except ValueError:
        return text.strip()[:WORDS]
    if isinstance(body, dict):
        for key in ("message", "error", "cause", "specific-errors", "errors"):
            if body.get(key):
                found = body[key]
                return (found if isinstance(found, str) else json.dumps(found))[:WORDS]
    return (body if isinstance(body, str) else json.dumps(body))[:WORDS]


def _reason(error: Exception) -> str:
    """The innermost reason of a failed connection, without the chain of objects that requests prints."""
    inner: BaseException = error
    while inner.__context__ is not None:
        inner = inner.__context__
    return str(inner)[:WORDS]
