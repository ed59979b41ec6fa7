"""`weaver models`: the model registry."""

import json
from uuid import UUID

import anyio
import click

from bot.commands.environment import Environment, pass_environment
from knowledge_base import models as registry
from knowledge_base.forgetting import awaiting_retraining
from knowledge_base.models import ModelVersion


@click.group("models")
def models() -> None:
    """The versions of the model."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
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
