"""Builds the public site, and where PROMISE_SITE says so the staff's, of one release, each put in place in one step.

The pages are written to a new folder, and a symbolic link is then moved from the old folder to the new one. Moving a
link is one operation of the file system, so a reader gets pages of one release or of the other, never half a site.
Renaming folders was considered: it takes two steps, and between them there is no site.
"""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jinja2
import psycopg

from bi.site import archive, csvw, dcat, open_data, reach, staff, transcriptions, words
from bi.site import files as named_files
from bi.site.pages import FEET, NAVIGATION, OPEN_DATA, PAGES
from bi.site.queries import Marts, read
from bi.site.view.common import Content
from bi.site.view.indicator import Page as IndicatorPage
from bi.site.view.statements import proposals
from promise.errors import PromiseError
from promise.settings import settings
from promise.spreadsheets import BACK

HERE = Path(__file__).resolve().parent
SITE_NAME = "Scotland's promise in figures"
DESCRIPTION = (
    "How Scotland is doing for its care experienced children: the ten vision statements of the Promise Progress "
    "Framework, what is published under each, and what is missing."
)
# The folder of the versions of a site: as the user's umask has it, or for the user alone.
PUBLIC, PRIVATE = 0o777, 0o700
# What a page may do, wherever it is served from: the site's own style sheet, scripts and pictures, and nothing else. It
# holds for scripts and styles inside a page too, of which there are none.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"


def build(out: Path | None = None) -> dict[str, Any]:
    """Builds the site of the current release, by default into PROMISE_HOME/site.

    Returns how many pages were written, of which release, and where. Raises PromiseError when nothing is released.
    """
    from warehouse.releases import reading

    of_staff = settings().staff_site if out is None else out.with_name(f"{out.name}-staff")
    if settings().site_for == "public":
        remove(of_staff)  # first: what a later release withholds stays in no page of theirs
    with reading() as conn:
        built = render(conn, out or settings().site, address=settings().site_url)
    if settings().site_for == "staff":
        with reading("staff") as conn:
            render_for_staff(conn, of_staff)
    return built


def remove(out: Path) -> int:
    """Takes a site away with every version of it; returns how many pages and files it had."""
    versions = _versions(out)
    if not versions.exists():
        return 0
    with _alone(versions):
        files = sum(1 for each in out.rglob("*") if each.is_file())
        if out.is_symlink():
            out.unlink()
        for version in versions.glob("[0-9]*"):
            shutil.rmtree(version)
    return files


def render(conn: psycopg.Connection[Any], out: Path, *, address: str | None = None) -> dict[str, Any]:
    """Builds the site from what this connection sees in `marts` and swaps it into place at `out`. `address`: where it
    will be read, if that is known."""
    with _new_folder(out) as folder:
        result = _write(read(conn), folder, address=address)
        result["changed"] = _keep_what_stands(folder, out)
    return {**result, "folder": str(out)}


def render_for_staff(conn: psycopg.Connection[Any], out: Path) -> dict[str, Any]:
    """The same from `marts` and `restricted`, with the signals of each council beside the public pages."""
    with _new_folder(out, mode=PRIVATE) as folder:
        marts = read(conn, staff.StaffMarts)
        result = _write(marts, folder, navigation=(*NAVIGATION, staff.OVERVIEW), more=[*staff.pages(marts)])
    return {**result, "folder": str(out)}


def environment() -> jinja2.Environment:
    """The templates. Everything that is put into HTML is escaped; a name that does not exist is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=lambda name: name is None or ".html" in name or ".svg" in name,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _write(
    marts: Marts,
    folder: Path,
    *,
    navigation: Sequence[tuple[str, str]] = NAVIGATION,
    more: Iterable[tuple[str, str, dict[str, Any]]] = (),
    address: str | None = None,
) -> dict[str, Any]:
    data = folder / "data"
    files = open_data.write(marts, data)
    indicators, councils = named_files.write(marts, data)
    typed = transcriptions.write(marts, data)
    content = Content(marts)
    templates = environment()
    common = {
        "site_name": SITE_NAME,
        "site_description": DESCRIPTION,
        "policy": POLICY,
        "navigation": navigation,
        "feet": FEET,
        "elsewhere": words.ELSEWHERE,
        "support": words.SUPPORT,
        "release_id": marts.release.release_id,
        "released_at": words.moment(marts.release.released_at),
        "site_address": address,
        "contact": settings().site_contact,
        "feed": reach.FEED,
        "typed_files": typed,
    }
    downloads = {"back": BACK, "files": files, "sources": marts.sources, "proposed": proposals(content)} | {
        "indicators": indicators,
        "councils": councils,
    }
    _save(data / "README.md", templates.get_template("README.md.j2").render(**common, **downloads))
    _save(data / "datapackage.json", open_data.package(files, marts.release))
    _save(data / dcat.FILE_NAME, dcat.text(marts))
    tables = {file.table.name: file.table for file in files}
    _save(data / csvw.FILE_NAME, csvw.of_tables(files))
    _save(data / "indicators" / csvw.FILE_NAME, csvw.of_named(indicators, tables))
    _save(data / "councils" / csvw.FILE_NAME, csvw.of_named(councils, tables))
    packed = archive.write(data)
    downloads["packed"] = (packed.name, open_data.size(packed.stat().st_size))
    pages = [(f"{kind.name}.html.j2", *page) for kind in PAGES for page in kind.pages(content)]
    pages.append(("data.html.j2", OPEN_DATA[0], downloads))
    pages.append(("404.html.j2", "404.html", {}))  # what a server shows for an address that is not there
    pages += more
    for template, path, context in pages:
        text = templates.get_template(template).render(**common, here=path, root="../" * path.count("/"), **context)
        _save(folder / path, text)
        if isinstance(of_indicator := context.get("page"), IndicatorPage):
            _charts(templates, common, of_indicator, folder / "charts")
    (folder / reach.FEED).write_bytes(reach.feed(content, SITE_NAME, address))
    if address is not None:
        paths = [path for template, path, _ in pages if template != "404.html.j2"]
        (folder / reach.PAGES).write_bytes(reach.site_map(paths, address))
        _save(folder / reach.ROBOTS, reach.robots(address))
    shutil.copytree(HERE / "static", folder / "static")
    return {"pages": len(pages), "release_id": marts.release.release_id}


def _charts(templates: jinja2.Environment, common: dict[str, Any], page: IndicatorPage, folder: Path) -> None:
    """The drawings of an indicator's page as files of their own, with the styles that they need inside."""
    template, css = templates.get_template("chart.svg.j2"), (HERE / "static" / "charts.css").read_text("utf-8")
    for section in page.sections:
        strip = section.councils.strip if section.councils is not None else None
        for name, chart in ((section.id, section.chart), (f"{section.id}-councils", strip)):
            if chart is not None:
                text = template.render(**common, chart=chart, css=css, strip=chart is strip)
                _save(folder / f"{name}.svg", text)


def _keep_what_stands(folder: Path, out: Path) -> int:
    """Put in place of each file that is as it was the one that stands there: with its time, by which whoever copies or
    caches a site knows it again. Returns how many are new or others than before."""
    changed = 0
    for path in [each for each in folder.rglob("*") if each.is_file()]:
        before = out / path.relative_to(folder)
        if before.is_file() and filecmp.cmp(before, path, shallow=False):
            with contextlib.suppress(OSError):  # where a file cannot have two names, the new one does as well
                also = path.with_name(f".{path.name}")
                os.link(before, also)
                also.replace(path)
        else:
            changed += 1
    return changed


def _save(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _versions(out: Path) -> Path:
    return out.parent / f".{out.name}-versions"


@contextmanager
def _alone(versions: Path) -> Iterator[None]:
    """Whoever builds or removes a site is alone in that."""
    with (versions / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _new_folder(out: Path, mode: int = PUBLIC) -> Iterator[Path]:
    """An empty folder that becomes `out` when the block ends well, and disappears when it does not.

    The folders live beside `out`, in `.<name>-versions`, which also holds the lock that keeps two builders apart, and
    by whose mode they are all seen or not.
    """
    out = Path(out)
    if out.exists() and not out.is_symlink() and (not out.is_dir() or any(out.iterdir())):
        raise PromiseError(
            f"site: {out} is there and was not built by this command, so it is left alone; "
            "move it away or build into another folder"
        )
    versions = _versions(out)
    versions.mkdir(mode=mode, parents=True, exist_ok=True)
    if mode == PRIVATE:
        versions.chmod(mode)  # where it is of before
    with _alone(versions):
        taken = [int(v.name) for v in versions.iterdir() if v.name.isdigit()]
        folder = versions / str(max(taken, default=0) + 1)
        folder.mkdir()
        try:
            yield folder
            link = versions / "next"
            link.unlink(missing_ok=True)
            link.symlink_to(Path(versions.name) / folder.name)
            if out.is_dir() and not out.is_symlink():
                out.rmdir()  # empty, as seen above
            link.replace(out)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        for old in versions.iterdir():
            if old.name.isdigit() and old != folder:
                shutil.rmtree(old, ignore_errors=True)
