"""`python -m workbench.pages`: write every page that is made of the catalogue."""

import sys

import click

from promise.errors import PromiseError
from workbench.pages import made_of_the_catalogue

try:
    written = made_of_the_catalogue.write()
except PromiseError as error:
    sys.exit(f"promise: {error}")
click.echo("\n".join(f"{page} written" for page in written) or "all were up to date")
