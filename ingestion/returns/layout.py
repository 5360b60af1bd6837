"""Where things stand in a return, for those who write one and those who read it."""

from __future__ import annotations

GUIDANCE = "Guidance"
COVER = "About this return"
TABLE = "Return"
LISTS = "Lists"
# The lines of the cover sheet, and the column of the same in a CSV file.
KIND, EDITION, SENDER = "Kind of return", "Edition of the template", "Organisation"
ON_THE_COVER = {KIND: "return_of", EDITION: "template_edition", SENDER: "returned_by"}
CONFIRMED = "Confirmed"  # the last column: "yes" where nothing in the row is about a person, whatever the check asked
CONFIRMED_ID = "confirmed"
ROW_ID = "return_row"  # of a return that was taken in: in which row of the sender's file it stood
