"""docs/signals.md has every rule, with author and reason, as the catalogue has it."""

from __future__ import annotations

from promise.catalogue.framework import framework
from workbench.pages import signals_page


def test_the_page_is_made_of_the_rules() -> None:
    assert signals_page.PAGE.read_text(encoding="utf-8") == signals_page.text(), "run: python -m workbench.pages"
    assert len(framework().signals) >= 4
    for rule in framework().signals:
        assert f"`{rule.id}`" in signals_page.rules() and " ".join(rule.reason.split()) in signals_page.rules()


def test_a_rule_that_flagged_nothing_has_no_share() -> None:
    row = signals_page.Tested("quiet", 1, 0, 0, None, None, None, 12, 0.25)
    assert signals_page.figures([row]).splitlines()[-1] == "| `quiet` | the next | 0 | none yet |  | 0 | 12 | 25% |"
