"""One source's conversation with its publisher: asked politely, followed only where allowed, repeated where it helps.

The two kinds of failure are told apart here, once for all connectors: what may pass by itself is SourceUnavailable and
is tried again with growing pauses; what needs a person is SourceChanged and is not.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from types import TracebackType
from typing import Any, TypeVar

import httpcore
import httpx
import tenacity

from ingestion.connectors.http import polite
from ingestion.connectors.http.body import decoded
from ingestion.connectors.http.hosts import Allowed, Backend
from ingestion.connectors.http.secret import Redacted, credential
from ingestion.errors import SourceChanged, SourceUnavailable
from promise.catalogue.live import Live

log = logging.getLogger(__name__)
# They would write whole addresses into the log, and a key may stand in one.
for noisy in ("httpx", "httpcore"):
    logging.getLogger(noisy).setLevel(logging.WARNING)

REDIRECTS = {301, 302, 303, 307, 308}
TRY_LATER = {408, 425, 429}
STATUS_ADVICE = {
    401: "the publisher wants a credential, or does not accept ours. Look at the publisher's page about access",
    403: "the publisher refuses us. Ask for access, or fetch the file by hand (docs/connectors.md); we do not pretend "
    "to be a browser",
    404: "has the file moved? Look at the publisher's page and correct the address",
    410: "the publisher took it away. Look at the publisher's page and correct the address",
}
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """A whole answer in memory, decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: httpx.URL  # as it was in the end
    shown: str  # the same, as it may be kept and logged

    @property
    def text(self) -> str:
        """The body as UTF-8, with what is none replaced: for looking at, not for landing."""
        return self.body.decode("utf-8", "replace")


class Session:
    """Use as a context manager. `key` is the source's credential, for the connector to put where it belongs.

    It goes to the host that was addressed and to no other, and is hidden wherever something is shown.
    """

    def __init__(self, source_id: str, live: Live) -> None:
        self.source_id = source_id
        self.live = live
        self.limits = live.limits
        self.key = credential(source_id, live.credential) if live.credential else None
        self.redacted = Redacted(self.key or "")
        self.redirects: list[tuple[int, str]] = []  # status and target of each, those that were refused too
        self._allowed = Allowed(source_id, live.hosts)
        limits = live.limits
        self._client = httpx.Client(
            transport=_Transport(httpcore.ConnectionPool(
                ssl_context=_trust(), network_backend=Backend(self._allowed, limits), max_connections=2,
            )),
            timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
            headers={"User-Agent": user_agent(), "Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
        )  # fmt: skip

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def url(self, address: str, params: Mapping[str, str] | None = None) -> httpx.URL:
        """An address, to the letter as it is written; parameters are encoded."""
        url = httpx.URL(address)
        return url.copy_merge_params(dict(params)) if params else url

    def shown(self, url: httpx.URL | str) -> str:
        """An address as it may be kept and logged."""
        return self.redacted.url(url)

    def ask(
        self,
        url: httpx.URL | str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        judge: Callable[[Answer], None] | None = None,
        **content: Any,
    ) -> Answer:
        """A whole answer of moderate size. `judge` raises for what is no answer; by default the status decides.

        Tried again with growing pauses while SourceUnavailable is raised. `content` is httpx's json=, data=, content=.
        """

        def once() -> Answer:
            with self.exchange(
                url, method=method, headers={"Accept-Encoding": "gzip", **(headers or {})}, **content
            ) as said:
                body = b"".join(decoded(said, self.source_id, self.shown(said.url), self.limits.answer_bytes))
                answer = Answer(said.status_code, said.headers, body, said.url, self.shown(said.url))
            if judge is None:
                self.judge_status(answer.status, answer.headers, answer.shown)
            else:
                judge(answer)
            return answer

        return self.again(once)

    def again(self, work: Callable[[], T]) -> T:
        """The work's result, tried up to `attempts` times while it raises SourceUnavailable.

        A server that names a time is asked then, if we have the patience for it.
        """
        limits, began = self.limits, time.monotonic()
        waits = tenacity.wait_random_exponential(multiplier=limits.first_wait_seconds, max=60)

        def pause(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            until = error.not_before if isinstance(error, SourceUnavailable) else None
            # Half of the growing pause at least, so that luck never means no pause at all.
            grown = limits.first_wait_seconds * 2 ** (state.attempt_number - 1)
            asked = until - time.time() if until else 0
            return asked if asked > 0 else max(min(grown, 60) / 2, waits(state))

        def worth_it(error: BaseException) -> bool:
            if not isinstance(error, SourceUnavailable) or error.final:
                return False
            return error.not_before is None or error.not_before - time.time() <= limits.patience_seconds

        def told(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            pause = state.next_action.sleep if state.next_action else 0
            log.info("%s; again in %.1f s", error, pause)

        attempts = 0

        def counted() -> T:
            nonlocal attempts
            attempts += 1
            return work()

        try:
            return tenacity.Retrying(
                stop=tenacity.stop_after_attempt(limits.attempts),
                retry=tenacity.retry_if_exception(worth_it),
                wait=pause,
                before_sleep=told,
                reraise=True,
            )(counted)
        except SourceUnavailable as error:
            if attempts > 1:
                raise SourceUnavailable(
                    f"{error} (tried {attempts} times in {time.monotonic() - began:.0f} s)", not_before=error.not_before
                ) from error
            raise

    @contextlib.contextmanager
    def exchange(
        self,
        url: httpx.URL | str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Iterator[httpx.Response]:
        """One request and the redirects behind it; the body is still to be read. Nothing is judged or repeated."""
        url = httpx.URL(url)
        first, via = url.netloc, None
        for _ in range(self.limits.hops + 1):
            shown = self.shown(url)
            self._allowed.check(url, shown, via)
            sent = dict(headers or {})
            if self.key and url.netloc != first:
                sent = {name: value for name, value in sent.items() if self.key not in value}
            with self._translated(url, shown):
                polite.wait_for_turn(url.netloc.decode("ascii"), self.limits)
                request = self._client.build_request(method, url, headers=sent, **content)
                response = self._client.send(request, stream=True)
                try:
                    if until := polite.used_up_until(response.headers):
                        polite.hold(url.netloc.decode("ascii"), until)
                    if response.status_code not in REDIRECTS or "location" not in response.headers:
                        yield response
                        return
                finally:
                    response.close()
            url, via = url.join(response.headers["location"]), shown
            self.redirects.append((response.status_code, self.shown(url)))
            if method == "POST" and response.status_code in (301, 302, 303):
                method, content = "GET", {}
        raise SourceChanged(
            f"{self.source_id}: {self.shown(url)} is the {self.limits.hops + 1}th redirect in a row, a loop; expected "
            f"at most {self.limits.hops}. Look at the publisher's page and correct the address"
        )

    def judge_status(self, status: int, headers: Mapping[str, str], shown: str) -> None:
        """Raises the right kind of failure for anything but success."""
        if 200 <= status < 300 and status != 204:
            return
        if status in TRY_LATER or status >= 500:
            until = polite.retry_after(headers)
            if until and (host := httpx.URL(shown).netloc.decode("ascii")):
                polite.hold(host, until)
            asks = f" and asks to come back at {polite.words(until)}" if until else ""
            raise SourceUnavailable(
                f"{self.source_id}: HTTP {status} from {shown}{asks}; the publisher cannot answer now. Nothing to do "
                "unless it lasts: then look at the publisher's page",
                not_before=until,
            )
        advice = STATUS_ADVICE.get(status, "expected a file. Look at the publisher's page and correct the request")
        raise SourceChanged(f"{self.source_id}: HTTP {status} from {shown}; {advice}")

    @contextlib.contextmanager
    def _translated(self, url: httpx.URL, shown: str) -> Iterator[None]:
        """What can go wrong on the way, as one of our two kinds."""
        limits, source_id = self.limits, self.source_id
        later = "Nothing to do unless it lasts: then look whether the publisher is down or has moved"
        try:
            yield
        except polite.Hold as hold:
            raise SourceUnavailable(
                f"{source_id}: {url.host} asked us not to come back before {polite.words(hold.until)}; {shown} was "
                "not asked. Nothing to do: a later attempt asks again",
                not_before=hold.until, final=True,
            ) from hold  # fmt: skip
        except httpcore.ConnectTimeout as error:
            raise SourceUnavailable(
                f"{source_id}: no connection to {url.host} within {limits.connect_seconds:g} s, for {shown}. {later}"
            ) from error
        except httpcore.ConnectError as error:
            if error.args and isinstance(error.args[0], ssl.SSLCertVerificationError):
                said = error.args[0].verify_message
                raise SourceChanged(
                    f"{source_id}: the certificate of {url.host} is not valid ({said}), for {shown}; nothing was "
                    "fetched. Ask the publisher; do not switch the check off"
                ) from error
            raise SourceUnavailable(
                f"{source_id}: no connection to {url.host} ({error}), for {shown}. {later}"
            ) from error
        except httpcore.TimeoutException as error:
            why = str(error) if "bytes" in str(error) or "complete" in str(error) else (
                f"silent for {limits.read_seconds:g} s"
            )  # fmt: skip
            raise SourceUnavailable(f"{source_id}: {shown} was too slow: {why}. {later}") from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise SourceUnavailable(
                f"{source_id}: {shown} broke off ({self.redacted.text(str(error)) or type(error).__name__}). {later}"
            ) from error


def user_agent() -> str:
    """Who is asking. PROMISE_CONTACT says how a publisher reaches the people who run this installation."""
    contact = os.environ.get("PROMISE_CONTACT", "").strip()
    return f"promise-data-warehouse/{version('promise-data-warehouse')}" + (f" ({contact})" if contact else "")


@functools.cache
def _trust() -> ssl.SSLContext:
    """The certificates that are trusted; reading them takes longer than asking sixty publishers."""
    return httpx.create_ssl_context(trust_env=True)


class _Transport(httpx.BaseTransport):
    """httpcore under httpx: httpx's own transport does not let us choose the addresses that names lead to."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()
