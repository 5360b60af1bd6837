"""dbt's documentation of every model, as one page that loads nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from promise import database
from promise.errors import PromiseError
from promise.settings import settings
from warehouse import releases, runs, transform

# The page carries a tracker that dbt leaves switched off (`send_anonymous_usage_stats`). With this a browser would not
# follow it either.
ALLOWED = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'"


def write() -> Path:
    """Write the page for the current release and the code as it is, unless it is there already; returns its folder."""
    folder = settings().home / "docs"
    page, made_of = folder / "index.html", transform.target_path("release") / "documented.txt"
    with database.connect("transformer") as conn:
        release = releases.current(conn)
        now = f"release {release.release_id if release else None} {runs.fingerprint(conn).digest}"
    if page.exists() and made_of.exists() and made_of.read_text() == now:
        return folder
    transform.write_generated()
    with transform.environment("release"):
        done = transform.invoke(["docs", "generate", "--static"])
    if not done.success:
        raise PromiseError(f"dbt could not write its documentation: {done.exception}\nTry `promise dbt docs generate`")
    text = (transform.target_path("release") / "static_index.html").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    page.write_text(text.replace("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{ALLOWED}">', 1))
    made_of.write_text(now)
    return folder
