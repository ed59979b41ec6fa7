"""`weaver doctor`: checks the installation and says what to mend."""

import json
from collections.abc import Callable
from datetime import timedelta
from time import perf_counter

import anyio
import click

from bot import waiting
from bot.commands import machine
from bot.commands.environment import Environment, json_option, pass_environment
from bot.commands.finding import Finding
from bot.errors import BotError
from knowledge_base import answers, dialogues, keys, schema
from knowledge_base.answers import AnswerStatus
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError, KnowledgeError, SchemaError
from knowledge_base.tables.base import now
from weaver_core.encoders import export, sources
from weaver_core.errors import EncoderDamagedError, ModelError

FAILED = 1
# Tokens, sweeps and limits count on clocks that agree to some seconds.
MOST_APART = timedelta(seconds=5)


@click.command("doctor")
@json_option
@pass_environment
def doctor(environment: Environment, *, as_json: bool) -> int:
    """Check the installation. Exit 1 when something must be mended."""
    findings = [_check(name, look, environment) for name, look in CHECKS.items()]
    if as_json:
        document = [{"check": f.name, "ok": not f.mend, "found": f.found, "mend": f.mend} for f in findings]
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{'mend' if finding.mend else 'ok':5} {finding.name}: {finding.found}")
            if finding.mend:
                click.echo(f"      {finding.mend}")
    return FAILED if any(finding.mend for finding in findings) else 0


def _check(name: str, look: Callable[[Environment], Finding], environment: Environment) -> Finding:
    try:
        return look(environment)
    except DatabaseUnavailableError as error:
        return Finding(name, str(error), "Start the database, or set WEAVER_DATABASE_URL to where it is.")
    except SchemaError as error:
        return Finding(name, str(error), "Run `weaver db upgrade`.")
    except EncoderDamagedError as error:
        return Finding(name, str(error), f"Run `make install` again and remove {export.default_cache()}.")
    except (BotError, KnowledgeError, ModelError, OSError) as error:
        return Finding(name, str(error), "Mend what this sentence names.")


def _schema(environment: Environment) -> Finding:
    schema.check(environment.settings.database)
    return Finding("schema", f"up to date ({schema.newest()})")


def _database(environment: Environment) -> Finding:
    return anyio.run(_reach, environment)


async def _reach(environment: Environment) -> Finding:
    database = Database(environment.settings.database)
    began = perf_counter()
    try:
        async with database.reading() as session:
            await schema.server_clock(session)
    finally:
        await database.close()
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    return Finding("database", f"{kind} answered in {1000 * (perf_counter() - began):.0f} ms")


def _clocks(environment: Environment) -> Finding:
    return anyio.run(_compare_clocks, environment)


async def _compare_clocks(environment: Environment) -> Finding:
    async with environment.open_database() as database, database.reading() as session:
        here = now()
        apart = abs(await schema.server_clock(session) - here)
        newest = await dialogues.newest_at(session)
    if apart > MOST_APART:
        found = f"this machine's and the database's are {apart.total_seconds():.0f} seconds apart"
        return Finding("clocks", found, "Set both by NTP.")
    if newest is not None and newest - here > MOST_APART:
        return Finding(
            "clocks", f"the newest message is of {newest:%Y-%m-%d %H:%M} UTC, which is to come", "Set it by NTP."
        )
    return Finding("clocks", "this machine's and the database's agree")


def _encoders(environment: Environment) -> Finding:
    for name in environment.settings.encoders:
        # Reads the weights: they must be the ones that were published, and the ones that were exported.
        export.version_of(sources.find(name))
    given = (f"{encoder.version} gives {encoder.dimension} numbers a text" for encoder in environment.encoders())
    return Finding("encoders", "; ".join(given))


def _memory(environment: Environment) -> Finding:
    return anyio.run(_count, environment)


async def _count(environment: Environment) -> Finding:
    async with environment.open_database() as database:
        encoders = [encoder.version for encoder in await environment.active_encoders(database)]
        async with database.reading() as session:
            counted = await answers.count(session)
            count = await keys.count_waiting(session, encoders)
    found = f"{counted[AnswerStatus.APPROVED]} approved answers, {counted[AnswerStatus.PENDING]} pending"
    if count:
        return Finding("memory", found, waiting.sentence(count))
    if not counted[AnswerStatus.APPROVED]:
        return Finding("memory", found, "Load answers with `weaver import FILE`, or try `weaver demo`.")
    return Finding("memory", found)


CHECKS: dict[str, Callable[[Environment], Finding]] = {
    "settings": lambda environment: machine.configuration(environment.settings),
    "secrets": lambda environment: machine.secrets(environment.settings),
    "disk": lambda environment: machine.disk(environment.settings),
    "database": _database,
    "schema": _schema,
    "clocks": _clocks,
    "encoders": _encoders,
    "index": lambda environment: machine.index(environment.settings),
    "memory": _memory,
}
