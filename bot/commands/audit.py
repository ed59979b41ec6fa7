"""`weaver audit`: who changed what, before and after."""

from datetime import UTC, datetime, timedelta

import anyio
import click

from bot.commands.environment import Environment, pass_environment
from bot.people import trail
from knowledge_base import audit as log
from knowledge_base.audit import Entry, Kind, Wanted

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("audit")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="What the changes are about.")
@click.option("--who", default="", help="A part of the name of who made them.")
@click.option("--words", default="", help="A part of what was done, or of what it was done to.")
@click.option("--since", type=_DAY, help="The first day, in UTC.")
@click.option("--until", type=_DAY, help="The last day, in UTC.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="So many of the newest, as text.")
@click.option("--csv", "form", flag_value="csv", help="All of them as a table for spreadsheets.")
@click.option("--jsonl", "form", flag_value="jsonl", help="All of them, a line of JSON each.")
@pass_environment
def audit(  # noqa: PLR0913 - an option each
    environment: Environment,
    *,
    kind: str | None,
    who: str,
    words: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    form: str | None,
) -> None:
    """Tell who changed what, newest first: accounts, keys, answers, decisions, models, settings."""
    first = since.replace(tzinfo=UTC) if since else None
    end = until.replace(tzinfo=UTC) + timedelta(days=1) if until else None
    wanted = Wanted(Kind(kind) if kind else None, who, words, first, end)
    anyio.run(_tell, environment, wanted, limit, form)


async def _tell(environment: Environment, wanted: Wanted, limit: int, form: str | None) -> None:
    async with environment.open_database() as database:
        if form is not None:
            async for line in (trail.table if form == "csv" else trail.jsonl)(database, wanted):
                click.echo(line, nl=False)
            return
        async with database.reading() as session:
            entries = await log.page(session, wanted, None, limit)
    for entry in entries:
        click.echo(_line(entry))
    if not entries:
        click.echo("Nothing was changed, or nothing that fits.")


def _line(entry: Entry) -> str:
    changed = f"  {trail.plain(entry.before)} → {trail.plain(entry.after)}" if entry.before or entry.after else ""
    return f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.actor}: {entry.action} {entry.subject}{changed}"
