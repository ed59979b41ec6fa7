"""`weaver db`: the schema of the database, and all of its data copied, saved and restored."""

import json
from pathlib import Path

import anyio
import anyio.to_thread
import click

from bot.commands.environment import Environment, json_option, pass_environment
from bot.commands.preparing import bar
from knowledge_base import backups, schema, table_streams
from knowledge_base.database import Database
from knowledge_base.table_streams import Tally


@click.group("db")
def db() -> None:
    """Schema and data of the database."""


@db.command("upgrade")
@json_option
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
@json_option
@pass_environment
def check(environment: Environment, *, as_json: bool) -> None:
    """Say whether the database has this program's schema."""
    schema.check(environment.settings.database)
    click.echo(json.dumps({"schema": schema.newest()}) if as_json else f"The schema is up to date ({schema.newest()}).")


@db.command("copy")
@click.argument("url")
@json_option
@pass_environment
def copy(environment: Environment, url: str, *, as_json: bool) -> int:
    """Copy everything into the empty database at URL, secrets too, and compare counts and checksums."""
    compared = anyio.run(_copy, environment, url)
    differing = [name for name, (sent, stored) in compared.items() if sent != stored]
    _print({name: stored for name, (_, stored) in compared.items()}, as_json=as_json)
    if differing:
        click.echo(f"weaver: the copy differs in {', '.join(differing)}; do not use it.", err=True)
    return int(bool(differing))


@db.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@pass_environment
def backup(environment: Environment, file: Path, *, as_json: bool) -> None:
    """Save everything, secrets too, in one compressed FILE. The service may run meanwhile."""

    async def save() -> dict[str, Tally]:
        async with environment.open_database() as database:
            with bar("Saving") as progress:
                return await backups.save(database, file, progress)

    _print(anyio.run(save), as_json=as_json)


@db.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@pass_environment
def restore(environment: Environment, file: Path, *, as_json: bool) -> None:
    """Bring what `weaver db backup` saved in FILE into this empty, migrated database, of either kind."""

    async def load() -> dict[str, Tally]:
        async with environment.open_database() as database:
            with bar("Restoring") as progress:
                return await backups.restore(database, file, progress)

    _print(anyio.run(load), as_json=as_json)


async def _copy(environment: Environment, url: str) -> dict[str, tuple[Tally, Tally]]:
    await anyio.to_thread.run_sync(schema.check, url)
    async with environment.open_database() as source:
        target = Database(url)
        try:
            with bar("Copying") as progress:
                return await table_streams.copy(source, target, progress)
        finally:
            await target.close()


def _print(tallies: dict[str, Tally], *, as_json: bool) -> None:
    if as_json:
        figures = {name: {"rows": tally.rows, "checksum": tally.checksum} for name, tally in tallies.items()}
        click.echo(json.dumps({"tables": figures}))
        return
    for name, tally in tallies.items():
        click.echo(f"{name:16} {tally.rows:>9}  {tally.checksum[:16]}")
