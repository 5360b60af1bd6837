"""How a bucket is asked: at the address that its connection names, and nowhere else.

aiohttp follows redirects by itself, to any host and with all headers, and aiobotocore 3.10 has no setting against it.
Importing this imports both.
"""

from __future__ import annotations

from typing import Any

from aiobotocore.httpsession import AIOHTTPSession  # type: ignore[import-untyped]
from aiohttp import ClientResponse, ClientSession

OF_REGION = "x-amz-bucket-region"  # Amazon's answer where a bucket is of another region: botocore knows its host


class SentElsewhere(Exception):
    """A bucket's endpoint answered with a redirect."""


class SameHost(AIOHTTPSession):  # type: ignore[misc]
    """Follows nothing."""

    async def _get_session(self, proxy_url: str | None) -> Any:
        return _Steadfast(await super()._get_session(proxy_url))


class _Steadfast:
    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def request(self, method: str, **given: Any) -> ClientResponse:
        answer = await self._session.request(method, **given, allow_redirects=False)
        if 300 <= answer.status < 400 and "location" in answer.headers and OF_REGION not in answer.headers:
            answer.release()
            raise SentElsewhere(f"HTTP {answer.status} sends us elsewhere")
        return answer
