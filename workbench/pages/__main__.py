"""`python -m workbench.pages`: write every page that is made of the catalogue."""

import click

from workbench.pages import made_of_the_catalogue

click.echo("\n".join(f"{page} written" for page in made_of_the_catalogue.write()) or "all were up to date")
