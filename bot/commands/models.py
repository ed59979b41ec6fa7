"""`weaver models`: the model registry."""

import json
from uuid import UUID

import anyio
import click

from bot import promotion
from bot.commands.accounts import ACTOR
from bot.commands.environment import Environment, json_option, pass_environment
from knowledge_base import models as registry
from knowledge_base.forgetting import awaiting_retraining
from knowledge_base.models import ModelVersion


@click.group("models")
def models() -> None:
    """The versions of the model."""


@models.command("list")
@json_option
@pass_environment
def list_versions(environment: Environment, *, as_json: bool) -> None:
    """List the versions, newest first."""
    versions, waiting = anyio.run(_versions, environment)
    if as_json:
        click.echo(json.dumps([_document(version, version.id in waiting) for version in versions]))
        return
    if not versions:
        click.echo("There is no version yet: an import fits the first one.")
    for version in versions:
        figures = ", ".join(
            f"{language} {fit['accuracy']:.1%} of {fit['questions']}" for language, fit in version.metrics.items()
        )
        erased = "  saw data that is erased since" if version.id in waiting else ""
        click.echo(
            f"{version.name:5} {version.state:8} {version.created_at:%Y-%m-%d %H:%M}  left out: {figures}{erased}"
        )


@models.command("show")
@click.argument("name", metavar="VERSION")
@json_option
@pass_environment
def show(environment: Environment, name: str, *, as_json: bool) -> None:
    """Show a version (v1, v2, …): where it comes from, what it reached, what its run said."""
    version, parent, waiting, log = anyio.run(_version, environment, name)
    if as_json:
        told = {"parent": parent, "promoted_by": version.promoted_by, "log": log}
        click.echo(json.dumps(_document(version, waiting) | told))
        return
    click.echo(f"{version.name}, {version.state}, made {version.created_at:%Y-%m-%d %H:%M} from {parent or 'nothing'}")
    if version.promoted_at:
        click.echo(f"promoted {version.promoted_at:%Y-%m-%d %H:%M} by {version.promoted_by}")
    if waiting:
        click.echo("It saw data that is erased since: the next update does not start from it.")
    click.echo(log)


@models.command("promote")
@click.argument("name", metavar="VERSION")
@json_option
@pass_environment
def promote(environment: Environment, name: str, *, as_json: bool) -> None:
    """Let a version answer from now on. A running service takes it over at once."""
    _say(anyio.run(_promote, environment, name), as_json)


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


async def _roll_back(environment: Environment) -> ModelVersion:
    async with environment.open_database() as database:
        return await promotion.roll_back(database, environment.shelf(), ACTOR)


async def _version(environment: Environment, name: str) -> tuple[ModelVersion, str | None, bool, str]:
    """A version, its parent's name, whether it waits for its retraining, and what the run that made it said."""
    async with environment.open_database() as database, database.reading() as session:
        version = await registry.by_name(session, name)
        parent = await registry.parent(session, version)
        waiting = version.id in await awaiting_retraining(session)
        return version, parent.name if parent else None, waiting, await registry.log_of(session, version)


async def _versions(environment: Environment) -> tuple[list[ModelVersion], frozenset[UUID]]:
    """The versions, and which of them wait for their retraining."""
    async with environment.open_database() as database, database.reading() as session:
        return await registry.every(session), await awaiting_retraining(session)


def _document(version: ModelVersion, awaits_retraining: bool) -> dict[str, object]:  # noqa: FBT001 - one of its fields
    return {
        "version": version.name,
        "state": version.state,
        "encoder": version.encoder,
        "parameters": version.parameters,
        "metrics": version.metrics,
        "created_at": version.created_at.isoformat(),
        "awaits_retraining": awaits_retraining,
    }
