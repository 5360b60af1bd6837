"""The mathematics of disclosure control: what can be worked out from what is shown, and what to withhold against it.

Pure: numbers and equations in, findings out. Which numbers stand where, and what is done about a finding, is the
caller's.
"""

from promise.disclosure.attack import attack
from promise.disclosure.model import CannotProtect, Cell, Equation, Exposed
from promise.disclosure.protect import protect

__all__ = ["CannotProtect", "Cell", "Equation", "Exposed", "attack", "protect"]
