"""`weaver export`: takes out the answers, or everything that is stored of one person."""

import json
from pathlib import Path

import anyio
import click

from bot.commands.accounts import ACTOR
from bot.commands.environment import Environment, pass_environment
from knowledge_base import audit, exports


@click.command("export")
@click.option("--customer", help="Everything of this person as one JSON document, instead of the answers.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output.")
@pass_environment
def export(environment: Environment, *, customer: str | None, output: Path | None) -> None:
    """Print the answers as JSONL that `weaver import` reads back, or all that is stored of one person."""
    text = anyio.run(_answers, environment) if customer is None else anyio.run(_person, environment, customer)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.BadParameter(f"{output} cannot be written: {error.strerror}.", param_hint="--output") from None


async def _answers(environment: Environment) -> str:
    async with environment.open_database() as database, database.reading() as session:
        return "".join([json.dumps(line, ensure_ascii=False) + "\n" async for line in exports.faq(session)])


async def _person(environment: Environment, customer: str) -> str:
    async with environment.open_database() as database, database.writing() as session:
        held = await exports.of_customer(session, customer)
        await audit.record(session, ACTOR, exports.ACTION, "customer", rows=sum(map(len, held.values())))
    return json.dumps({"customer": customer, **held}, ensure_ascii=False, indent=2) + "\n"
