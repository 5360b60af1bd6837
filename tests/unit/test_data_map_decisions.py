"""Links and synonyms of the Data Map: what a person decided is of things that exist, and says who, when and why."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from promise.catalogue.data_map import FILES, data_map, targets
from promise.catalogue.framework import framework
from promise.catalogue.sources import sources
from promise.settings import ROOT
from promise.strict import CatalogueError
from workbench.commands.data_map import as_yaml

LINKS = data_map().links
HOLDINGS = ROOT / "ingestion" / "sources" / "returns_holdings" / "this_project.csv"


def holdings() -> set[str]:
    with HOLDINGS.open(encoding="utf-8", newline="") as file:
        return {f"holding:{row['dataset_id']}" for row in csv.DictReader(file)}


def written(folder: Path, *, links: str = "", words: str = "") -> Path:
    """The two files, with one of them replaced."""
    for name, text in (("links.yml", links), ("synonyms.yml", words)):
        (folder / name).write_text(text or (FILES / name).read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def link(**changed: object) -> str:
    one = {
        "dataset": "holding:dh001", "about": "vs01", "how": "partly", "author": "somebody",
        "decided_on": "2026-11-29", "reason": "A reason.",
    }  # fmt: skip
    return yaml.safe_dump({"links": [one | changed]}).replace("'2026-11-29'", "2026-11-29")


def test_there_are_links_and_every_linked_holding_and_source_is_one() -> None:
    assert len(LINKS) > 30
    known = holdings() | {f"warehouse:{each}" for each in sources()}
    assert {each.dataset for each in LINKS if each.dataset.split(":")[0] in ("holding", "warehouse")} <= known


def test_no_question_is_answered_by_a_link_without_a_reason_and_every_question_can_be_linked() -> None:
    assert {each.id for each in framework().what_matters.questions} <= set(targets())
    assert all(each.reason.strip() and each.author.strip() for each in LINKS)


def test_words_that_the_sector_keeps_apart_are_no_synonyms() -> None:
    apart = [("looked after", "care experienced"), ("restraint", "seclusion"), ("referral", "hearing")]
    groups = [{word.lower() for word in group.words} for group in data_map().synonyms]
    assert not [pair for pair in apart for group in groups if set(pair) <= group]
    assert {"sibling", "brother", "sister"} <= next(group for group in groups if "sibling" in group)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param({"about": "vs11"}, r"links\[0\]\.about.*no 'vs11'.*correct it", id="of a statement there is not"),
        pytest.param({"dataset": "the CLAS return"}, r"dataset.*correct it", id="of no dataset's id"),
        pytest.param({"reason": ""}, r"reason.*empty", id="without a reason"),
        pytest.param({"how": "mostly"}, r"how.*expected 'answers'", id="of an answer nobody has words for"),
        pytest.param({"decided_on": None}, r"decided_on", id="without a day"),
    ],
)
def test_a_link_that_is_no_judgement_is_refused(tmp_path: Path, changed: dict[str, object], says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        data_map(written(tmp_path, links=link(**changed)))


def test_a_dataset_is_linked_to_a_thing_once(tmp_path: Path) -> None:
    twice = link() + "\n".join(link().splitlines()[1:]) + "\n"
    with pytest.raises(CatalogueError, match="linked to 'vs01' twice; keep one"):
        data_map(written(tmp_path, links=twice))


def test_a_word_is_in_one_group(tmp_path: Path) -> None:
    words = yaml.safe_dump(
        {
            "synonyms": [{"id": "a", "words": ["sister", "brother"]}, {"id": "b", "words": ["Sister", "sibling"]}],
            "children": ["child"],
        }
    )
    with pytest.raises(CatalogueError, match=r"synonyms\[b\]\.words: 'Sister' is in 'a' too"):
        data_map(written(tmp_path, words=words))


def test_an_accepted_link_is_read_back_as_it_was_whatever_its_reason_looks_like(tmp_path: Path) -> None:
    reason = (
        "# no comment: 'quoted', - dashed, {braced} and so long that it does not fit into one line of the file " * 2
    )
    one = LINKS[0].model_copy(update={"reason": reason.strip(), "score": 0.41, "author": "a: person"})
    (read,) = data_map(written(tmp_path, links="links:\n" + as_yaml(one))).links
    assert read == one
