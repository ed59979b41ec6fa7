"""`weaver forget`: erases one person, with a receipt."""

import json
from collections.abc import Awaitable, Callable

import anyio
import click
from sqlalchemy.ext.asyncio import AsyncSession

from bot.commands.accounts import ACTOR
from bot.commands.environment import Environment, pass_environment
from knowledge_base import forgetting
from knowledge_base.forgetting import Receipt
from knowledge_base.indexes import snapshot_writer

Step = Callable[[AsyncSession, str, str], Awaitable[Receipt]]


@click.command("forget")
@click.option("--customer", required=True, help="Whom to forget: the name in imported files, or a live identity.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and erase nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt and nothing else.")
@pass_environment
def forget(environment: Environment, *, customer: str, dry_run: bool, as_json: bool) -> None:
    """Erase everything that is stored of one person, and print a receipt that does not name them."""
    if not customer.strip():
        raise click.BadParameter("a name cannot be empty.", param_hint="--customer")
    receipt = anyio.run(_run, environment, customer, forgetting.rehearse if dry_run else forgetting.forget)
    if as_json:
        click.echo(json.dumps({**receipt.to_json(), "dry_run": dry_run}))
        return
    if not receipt.counts:
        click.echo(f"Nothing is stored of {customer}.")
        return
    what = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in receipt.counts.items())
    click.echo(f"Would erase {what}." if dry_run else f"Erased {what}.")
    if receipt.model_versions:
        click.echo(f"Model versions that saw them, to be retrained: {', '.join(receipt.model_versions)}.")
    if not dry_run:
        click.echo(f"Receipt {receipt.id}, checksum {receipt.checksum}.")


async def _run(environment: Environment, customer: str, step: Step) -> Receipt:
    async with environment.open_database() as database, database.writing() as session:
        receipt = await step(session, customer, ACTOR)
    if step is forgetting.forget and receipt.counts:
        snapshot_writer.discard(environment.settings.index_folder)
    return receipt
