"""`promise peek`: how a file would be read, shown before anything is described.

It never guesses silently, never crashes.
"""

from ingestion.peek.look import look
from ingestion.peek.model import Peek
from ingestion.peek.render import render

__all__ = ["Peek", "look", "render"]
