"""`promise bi setup`: a Metabase that nobody has touched gets its administrator, and we get a key to it.

Whoever comes first to a new Metabase becomes its administrator, so this is for the first minute. It can be run at any
time: with a key that works it does nothing, and with one that does not it signs in and has another made.
"""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass, field
from typing import Any

from bi.metabase import keys
from bi.metabase.client import Client, MetabaseError, NotConfigured, SignInRefused
from bi.metabase.server import Patience
from promise.settings import settings

ADMINISTRATORS = 2  # Metabase's number for the group
SITE = {"site_name": "Scotland's promise", "site_locale": "en"}
TRACKING = "/api/setting/anon-tracking-enabled"


@dataclass
class SetUp:
    """What was found and done."""

    version: str
    done: list[str] = field(default_factory=list)
    key_in: str | None = None  # the file; None when the key comes from the environment


def setup(*, patience: Patience | None = None) -> dict[str, Any]:
    """See that Metabase has an administrator, reports to nobody and has given us a key; `done` says what was missing.

    Raises NotConfigured when no Metabase is named, or nobody to sign in as; MetabaseError when it refuses.
    """
    current = settings()
    if not current.metabase_url:
        raise NotConfigured("no Metabase is configured: set METABASE_URL; docs/metabase.md says how")
    url = current.metabase_url
    properties = Client(url, "").wait_until_ready((patience or Patience()).start)
    result = SetUp(version=str(properties["version"].get("tag")))
    key = current.metabase_api_key or keys.kept(url)
    if key and _opens(url, key):
        return asdict(result)
    if current.metabase_api_key:
        raise MetabaseError(
            f"METABASE_API_KEY does not manage {url}. Correct it; or unset it, and this command makes a key of its own."
        )
    email, password = (os.environ.get(f"METABASE_ADMIN_{name}") for name in ("EMAIL", "PASSWORD"))
    if not email or not password:
        raise NotConfigured(
            f"{url} has given us no key that works, and there is nobody to sign in as. Set METABASE_ADMIN_EMAIL and "
            "METABASE_ADMIN_PASSWORD to an administrator: on a Metabase that nobody has touched, the one to be made. "
            "Nothing was written."
        )
    is_new = not properties.get("has-user-setup")
    session = _first_account(url, properties, email, password) if is_new else _session(url, email, password)
    if is_new:
        result.done.append("administrator made")
    signed_in = Client(url, session, secrets=[password], header="X-Metabase-Session")
    if signed_in.get(TRACKING) is not False:
        signed_in.put(TRACKING, {"value": False})
        result.done.append("tracking switched off")
    result.key_in = str(keys.keep(url, _new_key(signed_in)))
    result.done.append("key made")
    return asdict(result)


def key_name() -> str:
    """What our key is called in Metabase: who finds one of that name makes it anew, so no other home may use it."""
    return f"promise: provisioning from {platform.node()}, {settings().home}"


def _opens(url: str, key: str) -> bool:
    who = Client(url, key).permitted("/api/user/current")
    return who is not None and bool(who.get("is_superuser"))


def _first_account(url: str, properties: dict[str, Any], email: str, password: str) -> str:
    token = str(properties.get("setup-token") or "")
    user = {"email": email, "password": password, "first_name": "Promise", "last_name": "Administrator"}
    remedy = (
        "The first account was not made. Metabase wants a password that is long and not common, and an address in "
        "METABASE_ADMIN_EMAIL. If somebody was faster, sign in and see that every account is known to you."
    )
    answer = Client(url, "", secrets=[password, token]).post(
        "/api/setup", {"token": token, "user": user, "prefs": SITE}, remedy
    )
    return str(answer["id"])


def _session(url: str, email: str, password: str) -> str:
    answer = Client(url, "", secrets=[password]).permitted("/api/session", {"username": email, "password": password})
    if answer is None:
        raise SignInRefused(
            f"{url} has its accounts already, and METABASE_ADMIN_EMAIL with METABASE_ADMIN_PASSWORD is none of them; "
            "or it was tried too often, and Metabase lets nobody of that name in for a while. Set them to an "
            "administrator of it, or METABASE_API_KEY to a key that one made. Nothing was written."
        )
    return str(answer["id"])


def _new_key(signed_in: Client) -> str:
    """Metabase shows a key once. One of ours that was lost is made anew, which ends the lost one."""
    name = key_name()
    same = [item for item in signed_in.get("/api/api-key") if item["name"] == name]
    if same:
        answer = signed_in.put(f"/api/api-key/{same[0]['id']}/regenerate", {})
    else:
        answer = signed_in.post("/api/api-key", {"name": name, "group_id": ADMINISTRATORS})
    return str(answer["unmasked_key"])
