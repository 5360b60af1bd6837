"""What is kept of a return: its accepted cells, one row each, as a CSV file that says who handed it in.

The same cells give the same bytes, whether they came as .xlsx, .ods or .csv. Taken as a return itself, the file gives
itself again.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ingestion.errors import PersonalData, SourceChanged
from ingestion.returns.judged import Judged, judge
from promise.catalogue.returns import ReturnKind

TOLD = 5  # faults in a message; `promise return check` tells all


def accepted(judged: Judged) -> bytes:
    """The file. Raises PersonalData where something is in doubt, SourceChanged where anything else is wrong."""
    if judged.faults or judged.kind is None or judged.returned_by is None:
        told = "\n".join(f"  {each}" for each in judged.faults[:TOLD])
        more = len(judged.faults) + judged.untold - TOLD
        message = (
            f"{judged.opened.file_name} was not taken in, and nothing of it was kept:\n{told}"
            + (f"\n  and {more} more" if more > 0 else "")
            + "\n`promise return check FILE` tells all of it, and marks the cells"
        )
        raise PersonalData(message) if judged.doubts else SourceChanged(message)
    kind = judged.kind
    text = io.StringIO()
    writer = csv.DictWriter(text, kind.columns, restval="", lineterminator="\n")
    writer.writeheader()
    about = {"return_of": kind.id, "template_edition": kind.edition, "returned_by": judged.returned_by}
    writer.writerows({**about, **row} for row in judged.rows)
    return text.getvalue().encode()


def write_accepted(path: Path, kind: ReturnKind, into: Path) -> tuple[str, str]:
    """Judge the file and write what is kept of it; returns who handed it in and what the file is called.

    Raises as `accepted` and `judge` do; nothing is written then.
    """
    judged = judge(path, kind)
    content = accepted(judged)
    into.write_bytes(content)
    assert judged.returned_by is not None
    return judged.returned_by, f"{judged.returned_by}.csv"
