"""Where the site is read, and to whom its readers write."""

from __future__ import annotations

import pytest

from promise.errors import PromiseError
from promise.settings import settings


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://promise.example.org", "https://promise.example.org/"),
        ("https://example.org/promise/", "https://example.org/promise/"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("", None),
    ],
)
def test_an_address_ends_in_a_slash(monkeypatch: pytest.MonkeyPatch, given: str, address: str | None) -> None:
    monkeypatch.setenv("PROMISE_SITE_URL", given)
    assert settings().site_url == address


@pytest.mark.parametrize(
    "given", ["promise.example.org", "ftp://example.org", "https://", "https://a.org/?page=1", "a b"]
)
def test_what_is_no_address_of_a_site_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PROMISE_SITE_URL", given)
    with pytest.raises(PromiseError, match=r"PROMISE_SITE_URL is .* such as https://"):
        settings()


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ("figures@example.org", "mailto:figures@example.org"),
        ("https://example.org/say", "https://example.org/say"),
        ("", None),
    ],
)
def test_readers_write_to_a_mail_address_or_a_page(
    monkeypatch: pytest.MonkeyPatch, given: str, link: str | None
) -> None:
    monkeypatch.setenv("PROMISE_SITE_CONTACT", given)
    assert settings().site_contact == link


@pytest.mark.parametrize("given", ["javascript:alert(1)", "somebody", "a@b", "a@b.org?cc=c@d.org", "https://a b"])
def test_what_nobody_could_write_to_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PROMISE_SITE_CONTACT", given)
    with pytest.raises(PromiseError, match=r"PROMISE_SITE_CONTACT is .* such as figures@example\.org"):
        settings()
