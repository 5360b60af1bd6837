"""What a person does to an entry that `promise new source` wrote, as docs/sources.md says: every gap is filled in."""

from __future__ import annotations

import re

FACTS = {
    "title": "Trial",
    "description": "Made by hand.",
    "publisher": "scottish_government",
    "landing_page": "https://example.invalid",
    "name": "made by hand",
    "attribution": "this test",
    "cadence": "once",
    "check_cron": '"0 6 1 * *"',
    "personal_data": "none",
    "origin_url": "https://example.invalid",
    "url": "https://example.invalid",
    "precision": "unknown",
    "series": "Trial",
    "note": "Made by hand.",
}
MARKER = "{obs_status: final, conf_status: suppressed_by_publisher, meaning: withheld}"


def complete(entry: str, style: str = "") -> str:
    """The entry without a null. `style` is that of its periods, where the entry leaves a choice."""
    for key, fact in FACTS.items():
        entry = re.sub(rf"(?m)^(\s*){key}: null.*$", rf"\g<1>{key}: {fact}", entry)
    (source_id,) = re.findall(r"(?m)^id: (.*)$", entry)
    entry = entry.replace("      id: null", f"      id: {source_id}_file")
    for key in ("url", "freshness", "published_on"):
        entry = re.sub(rf"(?m)^(\s*)# {key}: .*$", rf"\g<1>{key}: null", entry)
    entry = entry.replace("{obs_status: null, conf_status: null, meaning: null}", MARKER)
    asked = re.search(r"style: null}  # one of ([a-z0-9_]+)", entry)
    return entry.replace("style: null}", f"style: {style or asked[1]}}}") if asked else entry
