"""`weaver doctor`: checks the installation and says what to mend."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import anyio
import click

from bot import waiting
from bot.commands.environment import Environment, json_option, pass_environment
from bot.errors import BotError
from knowledge_base import answers, keys, schema
from knowledge_base.answers import AnswerStatus
from knowledge_base.errors import KnowledgeError
from weaver_core.errors import ModelError

FAILED = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `mend` is empty when nothing is wrong."""

    name: str
    found: str
    mend: str = ""


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
    except (BotError, KnowledgeError, ModelError) as error:
        return Finding(name, str(error), "See above; `weaver db upgrade` and `make install` mend most of it.")


def _schema(environment: Environment) -> Finding:
    schema.check(environment.settings.database)
    return Finding("schema", f"up to date ({schema.newest()})")


def _encoders(environment: Environment) -> Finding:
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


CHECKS: dict[str, Callable[[Environment], Finding]] = {"schema": _schema, "encoders": _encoders, "memory": _memory}
