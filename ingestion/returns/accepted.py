"""What is kept of a return: its accepted cells, one row each, as a CSV file that says who handed it in.

The same cells give the same bytes, whether they came as .xlsx, .ods or .csv. Taken as a return itself, the file gives
itself again.
"""

from __future__ import annotations

import csv
import dataclasses
import io

from ingestion import landing
from ingestion.errors import PersonalData, ReturnRefused, SourceChanged
from ingestion.landing import Fetched
from ingestion.returns.judged import Judged, judge
from promise.catalogue.returns import return_kind
from promise.catalogue.sources import Source

TOLD = 5  # faults in a message; `promise return check` tells all


def accepted(judged: Judged) -> bytes:
    """The file. Raises PersonalData where something is in doubt, ReturnRefused where anything else is wrong."""
    if judged.faults or judged.kind is None or judged.returned_by is None:
        told = "\n".join(f"  {each}" for each in judged.faults[:TOLD])
        more = len(judged.faults) + judged.untold - TOLD
        message = (
            f"{judged.opened.file_name} was not taken in, and nothing of it was kept:\n{told}"
            + (f"\n  and {more} more" if more > 0 else "")
            + "\n`promise return check FILE` tells all of it, and marks the cells"
        )
        raise PersonalData(message) if judged.doubts else ReturnRefused(message)
    kind = judged.kind
    text = io.StringIO()
    writer = csv.DictWriter(text, kind.columns, restval="", lineterminator="\n")
    writer.writeheader()
    about = {"return_of": kind.id, "template_edition": kind.edition, "returned_by": judged.returned_by}
    writer.writerows({**about, **row} for row in judged.rows)
    return text.getvalue().encode()


def as_kept(source: Source, brought: Fetched) -> Fetched:
    """What is kept of a return that somebody brought, called by its organisation; the file itself is not.

    Raises as `accepted` does. What was copied for landing is gone in every case.
    """
    assert source.returns is not None
    try:
        judged = judge(brought.path, return_kind(source.returns), name=brought.file_name)
        content = accepted(judged)
    except PersonalData:
        raise
    except SourceChanged as error:  # what is no return at all is refused as a wrong one is, and stops no other
        raise ReturnRefused(str(error)) from error
    finally:
        if brought.owned:
            brought.path.unlink(missing_ok=True)
    file_name = f"{judged.returned_by}.csv"
    path = landing.incoming(source.id) / f"return-{file_name}"
    path.write_bytes(content)
    return dataclasses.replace(
        brought, path=path, file_name=file_name, media_type="text/csv", owned=True, snapshot_id=None
    )
