"""`make bi-schemas`: what provisioning sends and the stand-in answers, against the schemas that Metabase publishes.

They come with Metabase's own command line, which is run as a tool (AGPL-3.0; npm fetches it) and neither kept nor
imported. It knows questions, dashboards and collections; for the rest there are `metabase_bodies.yml` alone.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from jsonschema import Draft202012Validator
from stand_ins.metabase_runs import COUNCILS, published, runner, serving, shapes

TOOL = ("npx", "--yes", "@metabase/cli@0.3.1")
# Of each kind of call: which command of the tool makes it. What it answers is what `get` gives.
COMMANDS = {
    "POST /api/card": "card create",
    "PUT /api/card/:id": "card update",
    "POST /api/dashboard": "dashboard create",
    "PUT /api/dashboard/:id": "dashboard update",
    "POST /api/collection": "collection create",
}


def schema_of(command: str, which: str) -> dict[str, Any]:
    done = subprocess.run([*TOOL, *command.split(), "--help", "--json"], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)[which]
    return found


def main() -> int:
    """Provision the stand-in, change everything by hand, provision again; look at each body, and at what is there."""
    with serving() as metabase, published(shapes(*COUNCILS)) as url:
        run = runner(metabase)
        run(geojson=url)
        for kind in (metabase.cards, metabase.dashboards, metabase.collections):
            for item in kind.values():
                item["description"] = "by hand"
        run(geojson=url)
        sent = [
            (name, body)
            for method, path, body in metabase.calls
            if (name := f"{method} {re.sub(r'[0-9]+', ':id', path)}") in COMMANDS
        ]
        answered = [
            *(("card get", metabase.read_card(str(number))) for number in metabase.cards),
            *(("dashboard get", metabase.read_dashboard(str(number))) for number in metabase.dashboards),
            *(("collection get", metabase.read_collection(str(number))) for number in metabase.collections),
        ]
    assert {name for name, _ in sent} == {*COMMANDS}
    looked_at = [(COMMANDS[name], "inputSchema", body) for name, body in sent]
    looked_at += [(command, "outputSchema", answer) for command, answer in answered]
    schemas = {pair: schema_of(*pair) for pair in {(command, which) for command, which, _ in looked_at}}
    faults = [
        f"{command} ({which}) at {'/'.join(map(str, fault.path)) or 'the body'}: {fault.message[:200]}"
        for command, which, body in looked_at
        for fault in Draft202012Validator(schemas[command, which]).iter_errors(body)
    ]
    print("\n".join(sorted({*faults})))
    print(f"{len(sent)} bodies and {len(answered)} answers, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
