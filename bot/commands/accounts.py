"""`weaver user` and `weaver key`: who may sign in, and which programs may ask."""

import json

import anyio
import click

from bot.commands.environment import Environment, json_option, pass_environment
from bot.guards import passwords
from knowledge_base import accounts, audit
from knowledge_base.accounts import AccountRole
from weaver_core.texts.normalization import clean

NAME_LENGTH = 128
ACTOR = "command line"


def _name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """A name as it is stored: one line, not empty, not too long."""
    name = " ".join(clean(value).text.split())
    if not name:
        raise click.BadParameter("a name cannot be empty.")
    if len(name) > NAME_LENGTH:
        raise click.BadParameter(f"a name has at most {NAME_LENGTH} characters.")
    return name


name_argument = click.argument("name", callback=_name)
role_option = click.option(
    "--role",
    type=click.Choice([role.value for role in AccountRole]),
    required=True,
    help="Each role has the rights of those before it.",
)


@click.group("user")
def user() -> None:
    """People who may sign in to the pages."""


@user.command("add")
@name_argument
@role_option
@json_option
@pass_environment
def add_user(environment: Environment, name: str, role: str, *, as_json: bool) -> None:
    """Let NAME sign in, with a generated password that is shown this once."""
    password = passwords.generate()

    async def add() -> None:
        password_hash = await passwords.hash_password(password)
        async with environment.open_database() as database, database.writing() as session:
            await accounts.add(session, name, AccountRole(role), password_hash)
            await audit.record(session, ACTOR, "add account", name, role=role)

    anyio.run(add)
    if as_json:
        click.echo(json.dumps({"password": password}))
    else:
        click.echo(f"{name} may sign in as {role} with the password {password} (it is shown this once).")


@user.command("password")
@name_argument
@json_option
@pass_environment
def new_password(environment: Environment, name: str, *, as_json: bool) -> None:
    """Give NAME a new generated password, shown this once. Whoever is signed in as NAME is signed out."""
    password = passwords.generate()

    async def change() -> None:
        password_hash = await passwords.hash_password(password)
        async with environment.open_database() as database, database.writing() as session:
            await accounts.set_password(session, name, password_hash)
            await audit.record(session, ACTOR, "new password", name)

    anyio.run(change)
    if as_json:
        click.echo(json.dumps({"password": password}))
    else:
        click.echo(f"{name} signs in with the password {password} from now on (it is shown this once).")


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
            secret = await accounts.add_key(session, name, AccountRole(role))
            await audit.record(session, ACTOR, "add key", name, role=role)
        return secret

    secret = anyio.run(add)
    if as_json:
        click.echo(json.dumps({"key": secret}))
    else:
        click.echo(f"{name} may ask as {role} with the key {secret} (it is shown this once).")
