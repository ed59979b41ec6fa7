"""`weaver db`: the schema of the database."""

import json

import click

from bot.commands.environment import Environment, pass_environment
from knowledge_base import schema


@click.group("db")
def db() -> None:
    """Schema and data of the database."""


@db.command("upgrade")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@pass_environment
def upgrade(environment: Environment, *, as_json: bool) -> None:
    """Bring the database to this program's schema."""
    before, after = schema.upgrade(environment.settings.database)
    if as_json:
        click.echo(json.dumps({"before": before, "after": after}))
    elif before == after:
        click.echo(f"The schema is up to date ({after}).")
    else:
        click.echo(f"The schema went from {before or 'nothing'} to {after}.")


@db.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@pass_environment
def check(environment: Environment, *, as_json: bool) -> None:
    """Say whether the database has this program's schema."""
    schema.check(environment.settings.database)
    click.echo(json.dumps({"schema": schema.newest()}) if as_json else f"The schema is up to date ({schema.newest()}).")
