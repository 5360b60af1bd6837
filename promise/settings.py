"""Where things are and which of the few choices were made. Everything else is derived."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from promise.errors import PromiseError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """The settings of one process. Read afresh by `settings()`, because tests and children change the environment."""

    root: Path
    home: Path
    database_url: str | None
    airflow_database_url: str | None
    mode: Literal["bundle", "live"]
    metabase_url: str | None
    metabase_api_key: str | None
    metabase_public_url: str | None
    site_for: Literal["public", "staff"] = "public"  # staff: theirs is drawn too, beside the public one
    site_url: str | None = None  # where the public site is read, for those who need whole addresses; ends in a slash
    site_contact: str | None = None  # to whom readers of the site say that something is wrong
    notify: str | None = None  # whom to tell of failures, quarantines and late publications; orchestration/notify.py

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def site(self) -> Path:
        return self.home / "site"

    @property
    def staff_site(self) -> Path:
        """The site that has the signals of councils, for people at work with them and for nobody else."""
        return self.home / "staff-site"

    @property
    def checks(self) -> Path:
        """Where the page of the checks over time is written, for engineers."""
        return self.home / "checks"

    @property
    def bundle(self) -> Path:
        """Where the files that ship are, in a folder for each source; tests point it at faulty copies."""
        return Path(os.environ.get("PROMISE_BUNDLE", self.root / "ingestion" / "sources"))

    @property
    def sources(self) -> Path:
        """Where sources are described; tests describe some of their own."""
        return Path(os.environ.get("PROMISE_SOURCES", self.root / "ingestion" / "sources"))

    @property
    def dags(self) -> Path:
        """Where Airflow finds DAGs; tests add some of their own."""
        return Path(os.environ.get("PROMISE_DAGS", self.root / "dags"))


def settings() -> Settings:
    """The settings in force now. Raises PromiseError for one that cannot be meant."""
    mode = os.environ.get("PROMISE_MODE", "bundle")
    if mode not in ("bundle", "live"):
        raise PromiseError(f"PROMISE_MODE is {mode!r}; set it to 'bundle' (shipped figures) or 'live' (publishers)")
    site_for = os.environ.get("PROMISE_SITE") or "public"
    if site_for not in ("public", "staff"):
        raise PromiseError(
            f"PROMISE_SITE is {site_for!r}; set it to 'public' (the site for everybody) or 'staff' (the one with the"
            " signals of councils too, in a folder of its own)"
        )
    return Settings(
        root=ROOT,
        home=_home(),
        database_url=_database_url(),
        airflow_database_url=os.environ.get("PROMISE_AIRFLOW_DATABASE_URL") or None,
        mode=cast(Literal["bundle", "live"], mode),
        metabase_url=os.environ.get("METABASE_URL") or None,
        metabase_api_key=os.environ.get("METABASE_API_KEY") or None,
        metabase_public_url=os.environ.get("METABASE_PUBLIC_URL") or None,
        site_for=cast(Literal["public", "staff"], site_for),
        site_url=_site_url(),
        site_contact=_site_contact(),
        notify=os.environ.get("PROMISE_NOTIFY") or None,
    )


def _home() -> Path:
    home = Path(os.environ.get("PROMISE_HOME") or ROOT / ".promise").resolve()
    there = next(place for place in (home, *home.parents) if place.exists())
    if not there.is_dir():
        raise PromiseError(f"PROMISE_HOME is {home}, but {there} is a file; set it to a folder, there or to be made")
    return home


def _site_url() -> str | None:
    url = os.environ.get("PROMISE_SITE_URL")
    if not url:
        return None
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
        raise PromiseError(
            f"PROMISE_SITE_URL is {url!r}; write the address at which the public site is read, such as"
            " https://promise.example.org/ or https://example.org/promise/"
        )
    return url.rstrip("/") + "/"


def _site_contact() -> str | None:
    """As a link has it."""
    contact = os.environ.get("PROMISE_SITE_CONTACT")
    if not contact:
        return None
    if re.fullmatch(r"[^\s@:/?]+@[^\s@:/?]+\.[^\s@:/?]+", contact):
        return f"mailto:{contact}"
    if re.fullmatch(r"https?://\S+", contact):
        return contact
    raise PromiseError(
        f"PROMISE_SITE_CONTACT is {contact!r}; write to whom readers say that something is wrong: a mail address, such"
        " as figures@example.org, or the https:// address of a page with a form"
    )


def _database_url() -> str | None:
    url = os.environ.get("PROMISE_DATABASE_URL")
    if not url:
        return None
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        known = conninfo_to_dict(url)
        int(known.get("port") or 5432)
    except (ProgrammingError, ValueError):  # their words quote it, and it may hold a password
        raise PromiseError(
            "PROMISE_DATABASE_URL is not the address of a PostgreSQL server; write it as "
            "postgresql://user:password@host:5432/database, with signs such as @ : / % in a password as %40 %3A %2F %25"
        ) from None
    return url
