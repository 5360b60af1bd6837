"""Signals of councils are for staff: a rule has its one parameter, and a site is either everybody's or theirs."""

from __future__ import annotations

import stat
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bi.site import build
from promise.catalogue.framework_signals import PARAMETER, Signal
from promise.errors import PromiseError
from promise.settings import settings
from warehouse import published, releases

GIVEN = {"since": "previous", "confidence": 0.998, "quartiles": 1, "councils": 28}


@pytest.mark.parametrize("kind", PARAMETER)
def test_a_rule_has_the_parameter_of_its_kind_and_no_other(kind: str) -> None:
    rule = {"id": "a_rule", "kind": kind, "title": "A rule", "author": "nobody", "reason": "None."}
    own = PARAMETER[kind]  # type: ignore[index]
    assert getattr(Signal.model_validate(rule | {own: GIVEN[own]}), own) == GIVEN[own]
    for given in ({}, GIVEN, {name: value for name, value in GIVEN.items() if name != own}):
        with pytest.raises(ValidationError, match=f"{kind} has {own} and no other parameter"):
            Signal.model_validate(rule | given)


def test_the_kinds_are_four() -> None:
    assert len(PARAMETER) == len({*PARAMETER.values()}) == 4


def test_a_mart_of_staff_is_shown_where_no_reader_reads() -> None:
    assert published.schema_of("fct_signal") == published.schema_of("fct_signal_backtest") == "restricted"
    assert published.schema_of("fct_observation") == published.schema_of("never_heard_of") == "marts"


def test_a_site_is_for_everybody_unless_it_is_said_to_be_for_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().site_for == "public"
    monkeypatch.setenv("PROMISE_SITE", "staff")
    assert settings().site_for == "staff" and settings().staff_site != settings().site
    monkeypatch.setenv("PROMISE_SITE", "everyone")
    with pytest.raises(PromiseError, match=r"PROMISE_SITE is 'everyone'; set it to 'public'"):
        settings()


def written(out: Path, mode: int) -> None:
    with build._new_folder(out, mode) as folder:
        (folder / "index.html").write_text("A page.")


def test_a_site_for_everybody_takes_that_of_staff_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def render(conn: Any, out: Path, *, address: str | None) -> dict[str, Any]:
        written(out, build.PUBLIC)
        return {}

    monkeypatch.setattr(build, "render", render)
    monkeypatch.setattr(build, "render_for_staff", lambda conn, out: written(out, build.PRIVATE))
    monkeypatch.setattr(releases, "reading", lambda role="reader": nullcontext())
    site, of_staff = tmp_path / "site", tmp_path / "site-staff"
    monkeypatch.setenv("PROMISE_SITE", "staff")
    build.build(site)
    assert (site / "index.html").exists() and (of_staff / "index.html").exists()
    monkeypatch.setenv("PROMISE_SITE", "public")
    build.build(site)
    assert (site / "index.html").exists()
    assert not of_staff.is_symlink() and [*(tmp_path / ".site-staff-versions").glob("**/*.html")] == []


def test_the_site_of_staff_is_for_the_user_alone_also_where_its_folder_was_open(tmp_path: Path) -> None:
    versions = tmp_path / ".site-staff-versions"
    for _ in range(2):
        written(tmp_path / "site-staff", build.PRIVATE)
        assert stat.S_IMODE(versions.stat().st_mode) == 0o700
        versions.chmod(0o755)
    assert build.remove(tmp_path / "site-staff") == 1 and build.remove(tmp_path / "never-built") == 0
