"""`weaver models`: the model registry."""

import json
from dataclasses import asdict

import anyio
import click

from bot.commands.accounts import ACTOR
from bot.commands.environment import Environment, json_option, pass_environment
from bot.updates import history, promotion
from bot.updates.history import Origin
from knowledge_base import live_figures
from knowledge_base import models as registry
from knowledge_base.live_figures import Agreement
from knowledge_base.models import ModelVersion

MOMENT = "%Y-%m-%d %H:%M"


@click.group("models")
def models() -> None:
    """The versions of the model."""


@models.command("list")
@json_option
@pass_environment
def list_versions(environment: Environment, *, as_json: bool) -> None:
    """List the versions, newest first."""
    origins = anyio.run(_origins, environment)
    if as_json:
        click.echo(json.dumps([_document(origin) for origin in origins]))
        return
    if not origins:
        click.echo("There is no version yet: an import fits the first one.")
    for origin in origins:
        version = origin.version
        figures = ", ".join(
            f"{language} {fit['accuracy']:.1%} of {fit['questions']}" for language, fit in version.metrics.items()
        )
        erased = "  saw data that is erased since" if origin.saw_erased else ""
        click.echo(f"{version.name:5} {version.state:8} {version.created_at:{MOMENT}}  left out: {figures}{erased}")


@models.command("show")
@click.argument("name", metavar="VERSION")
@json_option
@pass_environment
def show(environment: Environment, name: str, *, as_json: bool) -> None:
    """Show a version (v1, v2, …): where it comes from, what it reached, what its run said."""
    origin, alike = anyio.run(_version, environment, name)
    version = origin.version
    if as_json:
        told = {
            "parent": origin.parent,
            "learned_since": origin.since.isoformat() if origin.since else None,
            "learned_until": origin.until.isoformat(),
            "asked_by": origin.asked_by,
            "promoted_by": version.promoted_by,
            "checksum": version.checksum,
            "gate": origin.gate,
            "log": origin.log,
            "shadow": asdict(alike),
        }
        click.echo(json.dumps(_document(origin) | told))
        return
    made = f"made {version.created_at:{MOMENT}} from {origin.parent or 'nothing'}"
    asked = f", asked by {origin.asked_by}" if origin.asked_by else ""
    click.echo(f"{version.name}, {version.state}, {made}{asked}")
    unseen = f"; what came after {origin.since:{MOMENT}} {origin.parent} had not seen" if origin.since else ""
    click.echo(f"It learned from what was stored until {origin.until:{MOMENT}}{unseen}.")
    if version.checksum:
        click.echo(f"Its weights' SHA-256 is {version.checksum}.")
    if version.promoted_at:
        click.echo(f"promoted {version.promoted_at:{MOMENT}} by {version.promoted_by}")
    if origin.saw_erased:
        click.echo("It saw data that is erased since: the next update does not start from it.")
    if alike.turns:
        click.echo(
            f"In the shadow it would have said the same in {alike.same} of {alike.turns} turns, and answered "
            f"{alike.handoffs_answered} of {alike.handoffs} that were handed over."
        )
    click.echo(origin.log)


@models.command("promote")
@click.argument("name", metavar="VERSION")
@json_option
@pass_environment
def promote(environment: Environment, name: str, *, as_json: bool) -> None:
    """Let a version answer from now on. A running service takes it over at once."""
    _say(anyio.run(_promote, environment, name), as_json)


@models.command("shadow")
@click.argument("name", metavar="VERSION", required=False)
@click.option("--off", is_flag=True, help="Ask no version in the background any more.")
@json_option
@pass_environment
def shadow(environment: Environment, name: str | None, *, off: bool, as_json: bool) -> None:
    """Ask a version in the background: what it would have said is kept, the active one answers."""
    if off == (name is not None):
        raise click.UsageError("Name a version, or say --off.")
    if name is None:
        anyio.run(_end_shadow, environment)
        click.echo(json.dumps({"version": None}) if as_json else "No version is asked in the background.")
        return
    version = anyio.run(_to_shadow, environment, name)
    said = f"{version.name} is asked in the background."
    click.echo(json.dumps({"version": version.name}) if as_json else said)


@models.command("rollback")
@json_option
@pass_environment
def rollback(environment: Environment, *, as_json: bool) -> None:
    """Let the version answer again that did before the active one was made."""
    _say(anyio.run(_roll_back, environment), as_json)


def _say(version: ModelVersion, as_json: bool) -> None:  # noqa: FBT001 - the option
    click.echo(json.dumps({"version": version.name}) if as_json else f"{version.name} answers now.")


async def _promote(environment: Environment, name: str) -> ModelVersion:
    async with environment.open_database() as database:
        return await promotion.promote(database, environment.shelf(), name, ACTOR)


async def _to_shadow(environment: Environment, name: str) -> ModelVersion:
    async with environment.open_database() as database:
        return await promotion.to_shadow(database, environment.shelf(), name, ACTOR)


async def _end_shadow(environment: Environment) -> None:
    async with environment.open_database() as database:
        await promotion.end_shadow(database, ACTOR)


async def _roll_back(environment: Environment) -> ModelVersion:
    async with environment.open_database() as database:
        return await promotion.roll_back(database, environment.shelf(), ACTOR)


async def _version(environment: Environment, name: str) -> tuple[Origin, Agreement]:
    """A version with where it comes from, and how it did unheard."""
    async with environment.open_database() as database, database.reading() as session:
        version = await registry.by_name(session, name)
        origin = next(one for one in await history.origins(session) if one.version.id == version.id)
        return origin, await live_figures.agreement(session, version.id)


async def _origins(environment: Environment) -> list[Origin]:
    """The versions with where they come from, newest first."""
    async with environment.open_database() as database, database.reading() as session:
        return await history.origins(session)


def _document(origin: Origin) -> dict[str, object]:
    version = origin.version
    return {
        "version": version.name,
        "state": version.state,
        "encoder": version.encoder,
        "parameters": version.parameters,
        "metrics": version.metrics,
        "created_at": version.created_at.isoformat(),
        "awaits_retraining": origin.saw_erased,
    }
