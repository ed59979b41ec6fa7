"""`weaver encode`: makes what was stored with `weaver import --defer` ready to be found."""

import json
from collections.abc import Iterator

import anyio
import click

from bot.commands import preparing
from bot.commands.environment import Environment, json_option, pass_environment
from bot.commands.preparing import Prepared


@click.command("encode")
@json_option
@pass_environment
def encode(environment: Environment, *, as_json: bool) -> None:
    """Encode what is stored and not encoded yet, compare the answers, and fit the read on the memory.

    Interrupted, it goes on where it was when it is called again. A running service follows as it goes.
    """
    prepared = anyio.run(_encode, environment)
    if as_json:
        click.echo(json.dumps({"encoded": prepared.encoded} | preparing.document(prepared)))
        return
    click.echo("\n".join(_report(prepared)))


async def _encode(environment: Environment) -> Prepared:
    async with environment.open_database() as database:
        return await preparing.prepare(environment, database)


def _report(prepared: Prepared) -> Iterator[str]:
    yield f"{prepared.encoded:,} positions were encoded." if prepared.encoded else "Nothing waited for encoding."
    yield from preparing.report(prepared)
