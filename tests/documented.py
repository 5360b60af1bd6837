"""The commands that the docs tell people to type."""

from __future__ import annotations

import re

from promise.settings import ROOT

# These take minutes, ask for a person or write into the checkout; other tests run them.
ELSEWHERE = re.compile(r"^(make |docker |cp |\. \.venv|git |#|export |promise (run|up|down|bench|bi|new|airflow) ?)")


def commands_in(*pages: str) -> list[str]:
    """Every line of the pages' shell blocks that can be run on a built warehouse, without its comment."""
    found = []
    for page in pages:
        for block in re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), flags=re.DOTALL):
            lines = (line.split("  #")[0].strip() for line in block.splitlines())
            found += [line for line in lines if line and not ELSEWHERE.match(line)]
    return list(dict.fromkeys(found))
