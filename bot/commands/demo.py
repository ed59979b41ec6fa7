"""`weaver demo`: the sample shop, ready to try, with one command."""

import os
from pathlib import Path

import anyio
import click

from bot.commands.db import upgrade
from bot.commands.environment import Environment, pass_environment
from bot.commands.imports import import_
from bot.commands.serve import bind, serve
from bot.guards import passwords
from bot.settings import Settings
from knowledge_base import accounts
from knowledge_base.accounts import AccountRole

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
# FAQs are approved as they come, what is mined from dialogues waits for a reviewer: the import's own defaults.
SAMPLE = ("faq.en.jsonl", "faq.zh.jsonl", "dialogues.jsonl")
PASSWORD_FILE = "first-login.txt"  # noqa: S105 - the file's name
ADMIN, ACTOR = "admin", "demo"
PAGES = {"The sample shop": "/", "The reviewer": "/admin", "The agent": "/agent", "The API": "/docs"}


@click.command("demo")
@click.option("--host", help="The address to listen on.  [default: WEAVER_HOST, 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on.  [default: WEAVER_PORT, 8000]")
@pass_environment
def demo(environment: Environment, *, host: str | None, port: int | None) -> None:
    """Serve the sample shop, its data loaded the first time.

    The data stays in WEAVER_HOME (./var unless it is set), so a second run starts in seconds.
    """
    settings = environment.settings.model_copy(update={"shop": True})
    host, port = host or settings.host, settings.port if port is None else port
    # A taken port is told before anything else is done; port 0 becomes the free one that serving will use.
    with bind(host, port) as listener:
        port = listener.getsockname()[1]
    environment = Environment(settings)
    _run(upgrade, environment)
    # The account is made last, so that a first run which was interrupted loads the rest of the sample at the next.
    if not anyio.run(_has_accounts, environment):
        _load_sample(environment)
        anyio.run(_add_admin, environment)
    _greet(settings, f"http://{host}:{port}")
    _run(serve, environment, "--host", host, "--port", str(port))


def _run(command: click.Command, environment: Environment, *arguments: str) -> None:
    """Call another command as the command line does."""
    command.main(list(arguments), prog_name=f"weaver {command.name}", standalone_mode=False, obj=environment)


def _load_sample(environment: Environment) -> None:
    """Import the sample. Its files lie beside the packages in a checkout."""
    paths = [SHOP / name for name in SAMPLE]
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        raise click.UsageError(f"The sample {missing} is missing; `weaver demo` needs a checkout of Weaver.")
    click.echo("Loading the sample shop (the first time only) …", err=True)
    _run(import_, environment, *map(str, paths))


async def _has_accounts(environment: Environment) -> bool:
    async with environment.open_database() as database, database.reading() as session:
        return await accounts.count(session) > 0


async def _add_admin(environment: Environment) -> None:
    # The password is on disk before the account is, so that no crash leaves an account whose password nobody knows.
    password = _keep_password(environment.settings.home / PASSWORD_FILE)
    password_hash = await passwords.hash_password(password)
    async with environment.open_database() as database, database.writing() as session:
        await accounts.add(session, ADMIN, AccountRole.ADMIN, password_hash, ACTOR)


def _keep_password(path: Path) -> str:
    """A new password, in a file that only this user can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    password = passwords.generate()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{password}\n")
    return password


def _greet(settings: Settings, address: str) -> None:
    """Say where everything is, and how to sign in the first time."""
    for name, path in PAGES.items():
        click.echo(f"{name + ':':18}{address}{path}")
    file = settings.home / PASSWORD_FILE
    if file.is_file():
        click.echo(f"{'Sign in as:':18}{ADMIN}, password {file.read_text().strip()} (kept in {file})")
