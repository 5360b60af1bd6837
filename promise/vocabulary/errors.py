"""A text that no vocabulary explains."""

from __future__ import annotations

from promise.errors import PromiseError


class UnknownValue(PromiseError):
    """A published text that is not understood: what it is, where it stands, what was expected, what to do."""

    def __init__(self, kind: str, text: str, expected: str, remedy: str, where: str | None = None) -> None:
        self.kind, self.text, self.expected, self.remedy, self.where = kind, text, expected, remedy, where
        place = f"{where}: " if where else ""
        super().__init__(f"{place}{shown(text)} is no {kind} that is known; expected {expected}. {remedy}")

    def at(self, where: str) -> UnknownValue:
        """The same, with its place: source, file and cell."""
        return UnknownValue(self.kind, self.text, self.expected, self.remedy, where)


def shown(text: str, longest: int = 80) -> str:
    """The text between quotes, invisible characters made visible, cut when it is long."""
    quoted = repr(text)
    return quoted if len(quoted) <= longest else f"{quoted[: longest - 1]}…"
