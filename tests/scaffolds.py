"""What a person answers whom `promise new source` asks: what no file tells, and nothing that one does."""

from __future__ import annotations

import re

from workbench.scaffolds.questions import Ask

ANSWERS = {
    "title": "Trial",
    "description": "Made by hand.",
    "publisher": "Scottish Government",
    "page": "https://example.invalid",
    "licence": "made by hand",
    "attribution": "this test",
    "cadence": "once",
    "personal-data": "none",
}
# At no terminal nothing is proposed.
PROPOSED = {
    "licence-url": "none",
    "freshness": "none",
    "origin": "https://example.invalid",
    "date-known-by": "It is not.",
    "published-on": "unknown",
}
AS_OPTIONS = [f"--{name}={answer}" for name, answer in (ANSWERS | PROPOSED).items()]


def asked(style: str = "", period: str = "") -> Ask:
    """Who answers what is not among these: takes what is proposed, and the first of several where nothing is."""

    def ask(question: str, usual: str | None) -> str:
        if question.startswith("What ") and "means here" in question:
            return "suppressed"
        if question.startswith("In which style"):
            return style or re.findall(r"\(([a-z_0-9]+)", question)[-1]
        if question.startswith("Of which period"):
            return period
        if question.startswith("When it was published"):
            return "unknown"
        assert usual is not None, question
        return usual

    return ask
