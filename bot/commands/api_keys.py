"""`weaver key`: which programs may ask."""

import json

import anyio
import click

from bot.commands.accounts import ACTOR, name_argument, role_option
from bot.commands.environment import Environment, json_option, pass_environment
from knowledge_base import api_keys
from knowledge_base.accounts import AccountRole
from knowledge_base.api_keys import ApiKey


@click.group("key")
def key() -> None:
    """Keys with which programs may ask."""


@key.command("add")
@name_argument
@role_option
@json_option
@pass_environment
def add_key(environment: Environment, name: str, role: str, *, as_json: bool) -> None:
    """Make a key for the program NAME; it is shown this once."""

    async def add() -> str:
        async with environment.open_database() as database, database.writing() as session:
            return await api_keys.add(session, name, AccountRole(role), ACTOR)

    secret = anyio.run(add)
    if as_json:
        click.echo(json.dumps({"key": secret}))
    else:
        click.echo(f"{name} may ask as {role} with the key {secret} (it is shown this once).")


@key.command("list")
@json_option
@pass_environment
def list_keys(environment: Environment, *, as_json: bool) -> None:
    """List the keys, without the keys: their names, roles and last use."""

    async def read() -> list[ApiKey]:
        async with environment.open_database() as database, database.reading() as session:
            return await api_keys.every(session)

    held = anyio.run(read)
    if as_json:
        click.echo(json.dumps({"keys": [_document(one) for one in held]}))
        return
    for one in held:
        used = f"used {one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "never used"
        click.echo(f"{one.name:24} {one.role.value:9} {used}")
    if not held:
        click.echo("There is no key yet: `weaver key add NAME --role program` makes one.")


@key.command("revoke")
@click.argument("name")
@pass_environment
def revoke_key(environment: Environment, name: str) -> None:
    """Let the key NAME open nothing any more."""

    async def revoke() -> None:
        async with environment.open_database() as database, database.writing() as session:
            await api_keys.revoke(session, (await api_keys.by_name(session, name)).id, ACTOR)

    anyio.run(revoke)
    click.echo(f"The key {name} opens nothing any more.")


def _document(held: ApiKey) -> dict[str, object]:
    used = held.used_at.isoformat() if held.used_at else None
    return {"name": held.name, "role": held.role.value, "created_by": held.created_by, "used_at": used}
