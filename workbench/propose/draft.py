"""Files of the checkout as they would be, and the difference as a patch. The files themselves stay as they are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from workbench.yaml_text import YamlText


class Draft:
    """What is to be changed below a checkout. Paths are as a person types them from there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._yaml: dict[str, YamlText] = {}
        self._text: dict[str, str] = {}

    def yaml(self, path: str) -> YamlText:
        """A YAML file that is there, to be changed."""
        if path not in self._yaml:
            self._yaml[path] = YamlText((self.root / path).read_bytes().decode("utf-8"))
        return self._yaml[path]

    def write(self, path: str, text: str) -> None:
        """A file as a whole."""
        self._text[path] = text

    def patch(self) -> str:
        """All of it as `git apply` takes it; empty when nothing differs."""
        after = self._text | {path: each.text for path, each in self._yaml.items()}
        return "".join(part for path in sorted(after) for part in _difference(path, self._before(path), after[path]))

    def _before(self, path: str) -> str | None:
        file = self.root / path
        return file.read_bytes().decode("utf-8") if file.is_file() else None


def _difference(path: str, before: str | None, after: str) -> Iterator[str]:
    if before == after:
        return
    yield f"diff --git a/{path} b/{path}\n"
    if before is None:
        yield "new file mode 100644\n"
    names = ("/dev/null" if before is None else f"a/{path}", f"b/{path}")
    for line in difflib.unified_diff(_lines(before or ""), _lines(after), *names):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)
