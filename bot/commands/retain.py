"""`weaver retain`: erases the dialogues that are older than they are kept."""

import json
from datetime import UTC, datetime

import anyio
import click

from bot.commands.accounts import ACTOR
from bot.commands.environment import Environment, json_option, pass_environment
from bot.retaining import retention_of
from knowledge_base import retention
from knowledge_base.indexes import snapshot_writer
from knowledge_base.retention import Retention


@click.command("retain")
@click.option("--days", type=click.IntRange(1), help="Days that a dialogue is kept.  [default: WEAVER_RETENTION_DAYS]")
@click.option("--collection", help="Only dialogues of this collection.")
@click.option("--dry-run", is_flag=True, help="Say how many would go, and erase nothing.")
@json_option
@pass_environment
def retain(environment: Environment, *, days: int | None, collection: str | None, dry_run: bool, as_json: bool) -> None:
    """Erase dialogues whose last turn is older than they are kept, with all that came of them."""
    kept = _narrowed(retention_of(environment.settings), days, collection)
    if not kept.is_limited:
        raise click.UsageError("Dialogues are kept for ever: give --days, or set WEAVER_RETENTION_DAYS.")
    counts = anyio.run(_count if dry_run else _erase, environment, kept)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, "counts": counts}))
        return
    click.echo(f"{'Would erase' if dry_run else 'Erased'} {counts['dialogues']} dialogues, kept for {_said(kept)}.")


def _narrowed(kept: Retention, days: int | None, collection: str | None) -> Retention:
    """What the settings say, for all dialogues or for one collection's, or what the command says instead."""
    if collection is None:
        return kept if days is None else Retention(days)
    days = days or kept.by_collection.get(collection, kept.days)
    return Retention(None, {collection: days} if days else {})


def _said(kept: Retention) -> str:
    of_collections = [f"{days} days in {collection}" for collection, days in kept.by_collection.items()]
    return ", ".join(
        of_collections + ([f"{kept.days} days" + " elsewhere" * bool(of_collections)] if kept.days else [])
    )


async def _count(environment: Environment, kept: Retention) -> dict[str, int]:
    async with environment.open_database() as database, database.reading() as session:
        return {"dialogues": await retention.count_expired(session, kept, datetime.now(UTC))}


async def _erase(environment: Environment, kept: Retention) -> dict[str, int]:
    async with environment.open_database() as database:
        counts = await retention.retain(database, kept, datetime.now(UTC), ACTOR)
    if counts:
        snapshot_writer.discard(environment.settings.index_folder)
    return {"dialogues": 0, **counts}
