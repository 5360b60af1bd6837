"""What organisations hand in: the template that they fill in, the check of what comes back, and what is kept of it.

Of a return only its accepted cells are kept, as one CSV: a workbook also carries who wrote it, comments and hidden
sheets. The kinds are `framework/returns/`; nothing here knows one by name.
"""

from __future__ import annotations
