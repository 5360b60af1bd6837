"""Staging models that nothing reads yet: a scaffold puts a new one on the list, and another takes it off."""

from __future__ import annotations

from pathlib import Path

LIST = Path("tests") / "staging_without_a_child.yml"
WHY = "added by `promise new source`, and no series of framework/ names it yet"


def put_on(root: Path, model: str) -> tuple[Path, ...]:
    """List a model, where this is a checkout with its tests; gives the files that were changed."""
    if not (root / LIST).exists():
        return ()
    with (root / LIST).open("a", encoding="utf-8") as lines:
        lines.write(f"{model}: {WHY}\n")
    return (LIST,)


def take_off(root: Path, model: str) -> tuple[Path, ...]:
    """Take a model off, if it is listed; gives the files that were changed."""
    if not (root / LIST).exists():
        return ()
    lines = (root / LIST).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{model}:")]
    if kept == lines:
        return ()
    (root / LIST).write_text("".join(kept), encoding="utf-8")
    return (LIST,)
