"""`weaver retain`: erases the dialogues that are older than the settings keep them."""

from datetime import UTC, datetime

import anyio
import click

from bot.commands.accounts import ACTOR
from bot.commands.environment import Environment, pass_environment
from knowledge_base import retention
from knowledge_base.retention import Retention


@click.command("retain")
@click.option("--days", type=click.IntRange(1), help="Days that a dialogue is kept.  [default: WEAVER_RETENTION_DAYS]")
@pass_environment
def retain(environment: Environment, *, days: int | None) -> None:
    """Erase dialogues whose last turn is older than they are kept, with all that came of them."""
    kept = Retention(days or environment.settings.retention_days)
    if kept.days is None:
        click.echo("Dialogues are kept for ever: WEAVER_RETENTION_DAYS is not set.")
        return

    async def run() -> int:
        async with environment.open_database() as database:
            return (await retention.retain(database, kept, datetime.now(UTC), ACTOR))["dialogues"]

    click.echo(f"Erased {anyio.run(run)} dialogues older than {kept.days} days.")
