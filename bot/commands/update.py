"""`weaver update`: one update of the model now, with the reasons for what became of it."""

import json
import os
import resource
import sys
from uuid import UUID

import anyio
import click

from bot import holder
from bot.commands.accounts import ACTOR
from bot.commands.environment import Environment, json_option, pass_environment
from bot.serving.options import may_train, options_of
from bot.updates import report
from bot.updates.run import DRY, PROMOTE, SHADOW, Outcome, Plan, Update
from knowledge_base import update_runs
from knowledge_base.database import Database
from knowledge_base.update_runs import UpdateRun

# The update gives way to whoever serves on this machine.
NICENESS = 19


@click.command("update")
@click.option("--dry-run", is_flag=True, help="Train and measure, but change nothing.")
@click.option("--shadow", is_flag=True, help="Let a version that passes be asked in the background before it answers.")
@click.option("--run", "run_id", type=click.UUID, hidden=True, help="The run that a service started this process for.")
@json_option
@pass_environment
def update(environment: Environment, *, dry_run: bool, shadow: bool, run_id: UUID | None, as_json: bool) -> None:
    """Let the model learn from what was judged: train, measure against the version that answers, promote or reject.

    A running service takes the new version over at once. Interrupted, the update goes on where it was when it is called
    again. With --json the whole report is printed.
    """
    os.nice(NICENESS)
    if run_id is not None:
        _limit_memory(environment.settings.update_memory_mb)
    ending = DRY if dry_run else SHADOW if shadow else PROMOTE
    outcome = anyio.run(_update, environment, ending, run_id)
    if as_json:
        click.echo(json.dumps(report.document(outcome)))
        return
    click.echo("\n".join(report.lines(outcome)))


async def _update(environment: Environment, ending: str, run_id: UUID | None) -> Outcome:
    async with environment.open_database() as database:
        run = await _claimed(database, run_id)
        settings = environment.settings
        plan = Plan(settings.home / "updates" / str(run.id), run.requested_by or ACTOR, may_train(settings), ending)
        update = Update(database, environment.shelf(), options_of(settings, environment.encoders()), run, plan)
        return await update.carry_out(_tell)


async def _claimed(database: Database, run_id: UUID | None) -> UpdateRun:
    async with database.writing() as session:
        asked = await update_runs.get(session, run_id) if run_id else await update_runs.request(session, ACTOR)
        gone = asked.holder if holder.is_gone(asked.holder) else None
        return await update_runs.claim(session, asked.id, holder.this_process(), gone)


def _limit_memory(megabytes: int) -> None:
    """Bound what this process may hold besides mapped files: serving, which started it, needs the rest."""
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))


def _tell(stage: str, progress: float) -> None:
    sys.stderr.write(f"{report.STAGES[stage]}: {progress:.0%}\n")
