"""The pages that are made of the catalogue, all of them at once: what is typed after a change in it."""

from __future__ import annotations

from promise.strict import shown
from workbench.pages import bundle_page, field_reference, first_answers, methods_page, signals_page

PAGES = (bundle_page, field_reference, first_answers, methods_page, signals_page)


def write() -> list[str]:
    """Write each that is there and differs from what it should be; returns their paths from the checkout."""
    return [shown(page.PAGE) for page in PAGES if page.PAGE.exists() and page.write()]
