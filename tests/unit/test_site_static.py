"""What can be said of the site's templates, styles and scripts without building it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from bi.site import build
from promise.settings import ROOT

SITE = Path(build.__file__).parent
TEMPLATES = sorted((SITE / "templates").glob("*.j2"))
STATIC = sorted((SITE / "static").iterdir())
FLOORS = ("promise", "ingestion", "warehouse", "expectations", "bi", "orchestration", "dags", "workbench")
# Text on a background, as the style sheet pairs them.
PAIRS = [
    ("ink", "white"),
    ("soft", "white"),
    ("soft", "faint"),
    ("link", "white"),
    ("link", "faint"),
    ("link", "gap-back"),
    ("gap", "white"),
    ("gap", "faint"),
    ("gap", "gap-back"),
    ("brand", "white"),
    ("care", "white"),
    ("beside", "white"),
    ("ours", "white"),
    ("ours", "ours-back"),
    ("ink", "ours-back"),
    ("link", "ours-back"),
    ("soft", "ours-back"),
    ("gap", "ours-back"),
]


def test_there_is_something_to_look_at() -> None:
    assert len(TEMPLATES) >= 7
    assert {path.suffix for path in STATIC} >= {".css", ".js"}


@pytest.mark.parametrize("path", [*TEMPLATES, *STATIC], ids=lambda path: path.name)
def test_nothing_is_fetched_from_anywhere_else(path: Path) -> None:
    text = path.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|//[a-z0-9.-]+\.[a-z]{2,}|@import|@font-face", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_switches_escaping_off(path: Path) -> None:
    text = path.read_text()
    assert "| safe" not in text and "|safe" not in text and "autoescape" not in text


PAGES = [path for path in TEMPLATES if path.name.endswith(".html.j2")]
# A block of data is no script; everything else that runs, or looks like something, comes from a file.
INSIDE = re.compile(
    r"""<script(?![^>]*\bsrc=)(?![^>]*type="application/json")|<style\b|\sstyle=|\son[a-z]+=|javascript:|<(base|iframe|object|embed)\b""",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_holds_no_script_and_no_style_of_its_own(path: Path) -> None:
    assert not INSIDE.search(path.read_text())


@pytest.mark.parametrize("path", [path for path in STATIC if path.suffix == ".js"], ids=lambda path: path.name)
def test_a_script_makes_no_script_style_or_html_of_texts(path: Path) -> None:
    made = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.style\b|\bfetch\(|XMLHttp"
    assert not re.search(made, path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_page_has_the_policy_before_anything_else_is_fetched(path: Path) -> None:
    text = path.read_text()
    if path.name not in ("base.html.j2", "drawings.html.j2") and not path.name.endswith("macros.html.j2"):
        extended = re.match(r'{% extends "(.+)" %}', text)
        assert extended and extended[1] in {"base.html.j2", *(page.name for page in PAGES if page != path)}
    if path.name == "base.html.j2":
        place = text.index('<meta http-equiv="Content-Security-Policy" content="{{ policy }}">')
        assert place < min(text.index(word) for word in ("<link", "<script", "{% block"))


def test_the_policy_allows_what_comes_with_the_site_and_nothing_else() -> None:
    directives = dict(each.split(" ", 1) for each in build.POLICY.split("; "))
    assert directives["default-src"] == directives["base-uri"] == directives["form-action"] == "'none'"
    assert set(directives.values()) == {"'none'", "'self'"}


def test_every_place_that_writes_a_page_is_known() -> None:
    """A new one needs a policy, and its place here."""
    written = {
        str(path.relative_to(ROOT))
        for floor in FLOORS
        for path in sorted((ROOT / floor).rglob("*"))
        if path.suffix in (".py", ".j2", ".html", ".css", ".js")
        and re.search(r"<(html|head|body)\b", path.read_text(), re.IGNORECASE)
    }
    assert written == {
        "bi/site/templates/base.html.j2",  # every page of the site
        "expectations/templates/checks.html.j2",  # with the hash of its one style sheet (test_checks_page.py)
        "warehouse/documentation.py",  # dbt's page, with a policy (test_analysts.py)
        "ingestion/connectors/care_inspectorate.py",  # looks for one
        "workbench/bench/faults/parts.py",  # a publisher's error page, which must not be landed
        "workbench/returned/templates/preview.html.j2",  # for a sender alone, with a policy (test_return_preview.py)
    }


def test_html_is_escaped_and_the_readme_is_not() -> None:
    environment = build.environment()
    assert callable(environment.autoescape)
    assert environment.autoescape("index.html.j2")
    assert not environment.autoescape("README.md.j2")


@pytest.mark.parametrize("pair", PAIRS, ids=" on ".join)
def test_text_has_the_contrast_that_wcag_aa_asks_for(pair: tuple[str, str]) -> None:
    text, background = (colour(name) for name in pair)
    assert contrast(text, background) >= 4.5


def test_the_bands_of_the_map_can_be_told_apart_in_grey() -> None:
    css = (SITE / "static/site.css").read_text()
    shades = [re.search(rf"\.band-{n} {{ fill: (#[0-9a-f]{{6}})", css) for n in range(5)]
    found = [match.group(1) for match in shades if match]
    assert len(found) == 5
    assert all(luminance(a) > luminance(b) and contrast(a, b) > 1.4 for a, b in itertools.pairwise(found))


def test_the_quarters_of_the_councils_can_be_read_and_told_apart_in_grey() -> None:
    css = (SITE / "static/site.css").read_text()
    shades = [re.search(rf"\.quarter-{n} {{ background: (#[0-9a-f]{{6}})", css) for n in range(1, 5)]
    found = [match.group(1) for match in shades if match]
    assert len(found) == 4
    assert all(contrast(colour("ink"), shade) >= 4.5 for shade in found)
    assert all(luminance(a) < luminance(b) and contrast(a, b) > 1.15 for a, b in itertools.pairwise(found))


def colour(name: str) -> str:
    if name == "white":
        return "#ffffff"
    css = (SITE / "static/site.css").read_text()
    found = re.search(rf"--{name}: (#[0-9a-f]{{6}});", css)
    assert found, f"the style sheet has no colour --{name}"
    return found.group(1)


def luminance(value: str) -> float:
    parts = [int(value[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_has_six_sizes_and_two_weights() -> None:
    """Paper has its own, in points, and a chart's text is drawn."""
    sheets = [path.read_text() for path in STATIC if path.suffix == ".css" and path.name != "charts.css"]
    assert len(sheets) >= 2
    sizes = {size for sheet in sheets for size in re.findall(r"font-size: ([^;}]+)", sheet) if not size.endswith("pt")}
    assert sizes <= {f"var(--size-{number})" for number in range(1, 7)} and len(sizes) == 6
    assert {weight for sheet in sheets for weight in re.findall(r"font-weight: (\w+)", sheet)} == {"400", "600"}
