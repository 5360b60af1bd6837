"""What a check found, for those who are to put it right: as text, and in their own rows, the cells marked."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from ingestion.returns.judged import Judged
from ingestion.returns.template import filled, workbook


def in_words(judged: Judged) -> str:
    """Every fault a line, those of the whole return first, and a summary."""
    lines = [str(each) for each in judged.faults]
    if judged.untold:
        lines.append(f"and {judged.untold:,} more, which stand after these")
    lines.append(summary(judged))
    return "\n".join(lines)


def summary(judged: Judged) -> str:
    name, rows = judged.opened.file_name, len(judged.opened.lines)
    if judged.is_good:
        assert judged.kind is not None
        return f"{name}: {rows:,} rows of {judged.kind.id}, by {judged.returned_by}; nothing is wrong."
    wrong = len(judged.faults) + judged.untold
    cells = f"{wrong:,} things to put right in {rows:,} rows"
    doubts = len(judged.doubts)
    beside = f", {doubts:,} of them to confirm or take out, because they may be about a person" if doubts else ""
    return f"{name}: {cells}{beside}. Nothing was taken in."


def write_marked(judged: Judged, path: Path) -> bool:
    """Write the sender's rows into a fresh template with each wrong cell marked and commented; whether there is a kind.

    Cells in doubt are written as the sender wrote them: the file goes back to nobody else.
    """
    if judged.kind is None:
        return False
    places = {line.number: place for place, line in enumerate(judged.opened.lines)}
    first = judged.kind.fields[0].id
    marks: dict[tuple[int, str], list[str]] = defaultdict(list)
    general: list[str] = []
    for fault in judged.faults:
        if fault.row in places:
            field = fault.field or ("confirmed" if fault.column else first)
            marks[places[fault.row], field].append(f"{fault.says}. Write instead: {fault.instead}")
        else:
            general.append(str(fault))
    rows = list(filled(judged.opened.lines))[: judged.kind.most_rows]
    comments = {key: "\n".join(texts) for key, texts in marks.items()}
    workbook(judged.kind, judged.returned_by, rows, comments, general).save(path)
    return True
