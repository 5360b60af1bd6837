"""The README stays short, links lead somewhere, and no command in the docs is made up."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from promise.settings import ROOT
from workbench.cli import main

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def commands(page: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), flags=re.DOTALL)
    lines = (line.split("  #")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_there_are_pages_with_commands() -> None:
    assert len(PAGES) >= 5
    assert sum(len(commands(page)) for page in PAGES) >= 8


def test_the_readme_is_under_two_screens() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 90


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_has_the_marks_of_a_merge_that_nobody_ended(page: Path) -> None:
    marks = [line for line in page.read_text().splitlines() if re.match(r"(<{7}|>{7}|={7}$)", line)]
    assert not marks


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_promise_and_make_command_exists(page: Path) -> None:
    for line in commands(page):
        for words in re.findall(r"\bpromise ((?:[a-z-]+ ?)+)", line):
            _resolve(words.split(), line)
        for target in re.findall(r"(?:^|&& )make ([a-z-]+)", line):
            assert target in MAKE_TARGETS, line


def _resolve(words: list[str], line: str) -> None:
    command: click.Command = main
    for word in words:
        if not isinstance(command, click.Group):
            return
        if word.startswith("-"):
            return
        assert word in command.commands, f"`{line}`: there is no `promise {' '.join(words)}`"
        command = command.commands[word]


def test_every_command_says_what_it_does() -> None:
    def walk(command: click.Command, name: str) -> list[str]:
        silent = [] if (command.help or "").strip() else [name]
        if isinstance(command, click.Group):
            silent += [each for key, sub in command.commands.items() for each in walk(sub, f"{name} {key}")]
        return silent

    assert walk(main, "promise") == []
