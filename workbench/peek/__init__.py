"""`promise peek`: how a file would be read, shown before anything is described.

It never guesses silently, never crashes.
"""

from workbench.peek.look import look
from workbench.peek.model import Peek
from workbench.peek.render import render

__all__ = ["Peek", "look", "render"]
