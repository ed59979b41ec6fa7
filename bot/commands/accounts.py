"""`weaver user`: who may sign in, with which role, and where they are signed in."""

import json
from datetime import timedelta

import anyio
import click
from sqlalchemy.ext.asyncio import AsyncSession

from bot.commands.environment import Environment, json_option, pass_environment
from bot.errors import NameInvalidError
from bot.guards import passwords
from bot.people import joining, suspending
from bot.people.naming import COMMAND_LINE, named
from knowledge_base import accounts, invitations, logins
from knowledge_base.accounts import Account, AccountRole
from knowledge_base.invitations import LONGEST, Invitation
from knowledge_base.logins import Session

ACTOR = COMMAND_LINE


def _name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """A name as it is stored."""
    try:
        return named(value)
    except NameInvalidError as error:
        raise click.BadParameter(f"{error}") from None


name_argument = click.argument("name", callback=_name)
role_option = click.option(
    "--role",
    type=click.Choice([role.value for role in AccountRole]),
    required=True,
    help="Each role has the rights of those before it.",
)
days_option = click.option(
    "--days",
    type=click.IntRange(1, LONGEST.days),
    default=invitations.USUAL.days,
    show_default=True,
    help="So long the link works, once.",
)
site_option = click.option("--site", help="Where people reach Weaver.  [default: http://WEAVER_HOST:WEAVER_PORT]")


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
            await accounts.add(session, name, AccountRole(role), password_hash, ACTOR)

    anyio.run(add)
    if as_json:
        click.echo(json.dumps({"password": password}))
    else:
        click.echo(f"{name} may sign in as {role} with the password {password} (it is shown this once).")


@user.command("list")
@json_option
@pass_environment
def list_users(environment: Environment, *, as_json: bool) -> None:
    """List the accounts, and the invitations that wait."""

    async def read() -> tuple[list[Account], list[Invitation], list[Session]]:
        async with environment.open_database() as database, database.reading() as session:
            return await accounts.every(session), await invitations.every(session), await logins.every(session)

    held, invited, open_sessions = anyio.run(read)
    if as_json:
        click.echo(json.dumps({"accounts": [_document(one) for one in held], "invitations": [*map(_waits, invited)]}))
        return
    for one in held:
        number = sum(found.account_id == one.id for found in open_sessions)
        state = "suspended" if one.suspended_at else f"{number} sessions"
        click.echo(f"{one.name:24} {one.role.value:9} {state}")
    for link in invited:
        what = "new password" if link.account_id else "invited"
        until = f"{link.expires_at:%Y-%m-%d %H:%M}"
        click.echo(f"{link.name:24} {link.role.value:9} {what} by {link.created_by} until {until}")
    if not held:
        click.echo("There is no account yet: `weaver user add NAME --role admin` makes the first.")


@user.command("invite")
@name_argument
@role_option
@days_option
@site_option
@json_option
@pass_environment
def invite(environment: Environment, name: str, role: str, days: int, site: str | None, *, as_json: bool) -> None:
    """Make a link with which NAME chooses a password; hand it over yourself, it is shown this once."""

    async def make() -> str:
        async with environment.open_database() as database, database.writing() as session:
            token, _ = await invitations.invite(session, name, AccountRole(role), ACTOR, timedelta(days=days))
        return token

    _hand_over(environment, name, anyio.run(make), (site, days), as_json=as_json)


@user.command("link")
@click.argument("name")
@days_option
@site_option
@json_option
@pass_environment
def new_password_link(environment: Environment, name: str, days: int, site: str | None, *, as_json: bool) -> None:
    """Make a link with which NAME, who has an account, chooses a new password."""

    async def make() -> str:
        async with environment.open_database() as database, database.writing() as session:
            account = await accounts.get(session, name)
            token, _ = await invitations.new_password(session, account, ACTOR, timedelta(days=days))
        return token

    _hand_over(environment, name, anyio.run(make), (site, days), as_json=as_json)


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
            await accounts.set_password(session, name, password_hash, ACTOR)

    anyio.run(change)
    if as_json:
        click.echo(json.dumps({"password": password}))
    else:
        click.echo(f"{name} signs in with the password {password} from now on (it is shown this once).")


@user.command("role")
@click.argument("name")
@role_option
@pass_environment
def role_of(environment: Environment, name: str, role: str) -> None:
    """Give NAME another role, which counts at once."""

    async def change() -> None:
        async with environment.open_database() as database:
            account = await _account(environment, name)
            await suspending.set_role(database, account.id, AccountRole(role), ACTOR)

    anyio.run(change)
    click.echo(f"{name} is {role} from now on.")


@user.command("suspend")
@click.argument("name")
@pass_environment
def suspend(environment: Environment, name: str) -> None:
    """Let NAME not sign in any more, end the sessions, give the customers whom NAME holds back to the queue."""

    async def change() -> None:
        async with environment.open_database() as database:
            await suspending.suspend(database, (await _account(environment, name)).id, ACTOR)

    anyio.run(change)
    click.echo(f"{name} is suspended; `weaver user restore` takes that back.")


@user.command("restore")
@click.argument("name")
@pass_environment
def restore(environment: Environment, name: str) -> None:
    """Let NAME sign in again."""

    async def change() -> None:
        async with environment.open_database() as database, database.writing() as session:
            await accounts.restore(session, (await accounts.get(session, name)).id, ACTOR)

    anyio.run(change)
    click.echo(f"{name} may sign in again.")


@user.command("sessions")
@click.argument("name")
@click.option("--end", "ended", metavar="ID", help="End this session.")
@click.option("--end-all", is_flag=True, help="End all of them.")
@json_option
@pass_environment
def sessions(environment: Environment, name: str, *, ended: str | None, end_all: bool, as_json: bool) -> None:
    """List where NAME is signed in, or sign NAME out there."""

    async def work(session: AsyncSession) -> list[Session]:
        account = await accounts.get(session, name)
        if end_all:
            await logins.end_all(session, account, ACTOR)
        elif ended is not None:
            await logins.end(session, account, ended, ACTOR)
        return await logins.every(session, account.id)

    async def carry_out() -> list[Session]:
        async with environment.open_database() as database, database.writing() as session:
            return await work(session)

    held = anyio.run(carry_out)
    if as_json:
        told = [{"id": one.id, "begun_at": one.begun_at.isoformat(), "browser": one.browser} for one in held]
        click.echo(json.dumps({"sessions": told}))
        return
    for one in held:
        click.echo(f"{one.id}  since {one.begun_at:%Y-%m-%d %H:%M}  {one.address or ''}  {one.browser or ''}".rstrip())
    if not held:
        click.echo(f"{name} is signed in nowhere.")


async def _account(environment: Environment, name: str) -> Account:
    async with environment.open_database() as database, database.reading() as session:
        return await accounts.get(session, name)


def _hand_over(
    environment: Environment, name: str, token: str, where: tuple[str | None, int], *, as_json: bool
) -> None:
    site, days = where
    settings = environment.settings
    link = joining.link(site or f"http://{settings.host}:{settings.port}", token)
    if as_json:
        click.echo(json.dumps({"link": link}))
    else:
        click.echo(f"Hand this link to {name}; it works once, for {days} days, and is shown this once:\n{link}")


def _document(account: Account) -> dict[str, object]:
    suspended = account.suspended_at.isoformat() if account.suspended_at else None
    return {"name": account.name, "role": account.role.value, "suspended_at": suspended}


def _waits(invitation: Invitation) -> dict[str, object]:
    expires = invitation.expires_at.isoformat()
    return {"name": invitation.name, "role": invitation.role.value, "expires_at": expires}
