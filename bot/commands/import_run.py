"""`weaver import-run`: looks at an uploaded file, or imports it; a service starts this process."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import anyio.to_thread
import click
import structlog

from bot import holder
from bot.background import beside
from bot.commands import imports, preparing
from bot.commands.environment import Environment, pass_environment
from bot.commands.preparing import Progress
from bot.imports import uploads
from bot.serving.memory_return import give_back_large_pieces_at_once
from knowledge_base import import_runs
from knowledge_base.database import Database
from knowledge_base.import_runs import ImportLostError, ImportRun, ImportState
from knowledge_base.ingestion.errors import IngestionError
from knowledge_base.ingestion.importing import ImportOptions, check_file, import_file
from knowledge_base.ingestion.summary import Rejection

# The import gives way to whoever serves on this machine.
NICENESS = 19
BEAT_SECONDS = 0.5
KEPT_REJECTIONS = 50
GONE = "The uploaded file is not there any more; upload it again."
BROKEN = "Weaver failed at this file; its log says why. What was stored until then stays, and nothing is stored twice."
# How much of an import each stage is, in the order in which they come.
CHECKING, STORING = "checking", "storing"
STAGES = {STORING: 0.4, "encoding": 0.35, "judging": 0.05, "comparing": 0.1, "fitting": 0.1}

_log = structlog.get_logger(__name__)


class _Heard:
    """How far the work is, as its next sign of life will say."""

    def __init__(self) -> None:
        self.stage, self.done = CHECKING, 0.0

    @contextmanager
    def shown(self, label: str) -> Generator[Progress]:
        """Hear of a stage, which is the first word of its label."""
        stage = label.split(maxsplit=1)[0].lower()
        names = list(STAGES)
        before = sum(STAGES[name] for name in names[: names.index(stage)]) if stage in STAGES else 0.0
        share = STAGES.get(stage, 1.0)
        self.stage, self.done = stage, max(self.done, before)

        def hear(done: int, total: int) -> None:
            # Several encoders are one stage: the second one does not go back.
            self.done = max(self.done, before + share * min(1.0, done / max(1, total)))

        yield hear


@click.command("import-run", hidden=True)
@click.argument("import_id", type=click.UUID)
@pass_environment
def import_run(environment: Environment, *, import_id: UUID) -> None:
    """Look at the uploaded file IMPORT_ID, or import it, whichever it waits for."""
    os.nice(NICENESS)
    give_back_large_pieces_at_once()
    anyio.run(_work, environment, import_id)


async def _work(environment: Environment, import_id: UUID) -> None:
    async with environment.open_database() as database:
        async with database.writing() as session:
            asked = await import_runs.get(session, import_id)
            gone = asked.holder if holder.is_gone(asked.holder) else None
            run = await import_runs.claim(session, import_id, holder.this_process(), gone)
        over = False
        try:
            over = await _carry_out(environment, database, run)
        except* ImportLostError:
            # Somebody discarded it, and has the file deleted.
            _log.info("import_discarded", run=str(run.id))
    if over:
        await anyio.to_thread.run_sync(uploads.drop, environment.settings.home, run.id)


async def _carry_out(environment: Environment, database: Database, run: ImportRun) -> bool:
    """Returns whether the file is not needed any more. Raises ImportLostError, in a group."""
    heard = _Heard()
    async with beside(_beat, database, run, heard):
        problem, outcome = await _outcome(environment, database, run, heard)
    await _close(database, run, problem, outcome)
    return problem is not None or run.state is ImportState.RUNNING


async def _beat(database: Database, run: ImportRun, heard: _Heard) -> None:
    while True:
        async with database.writing() as session:
            await import_runs.report(session, run, heard.stage, heard.done)
        await anyio.sleep(BEAT_SECONDS)


async def _outcome(
    environment: Environment, database: Database, run: ImportRun, heard: _Heard
) -> tuple[str | None, dict[str, Any]]:
    """What was found or done, and why it was not, if it was not."""
    path = uploads.path_of(environment.settings.home, run.id, run.name)
    if not path.is_file():
        return GONE, {}
    options = ImportOptions(**run.options, company_contacts=environment.settings.company_contacts)
    try:
        if run.state is ImportState.CHECKING:
            return None, await _checked(database, path, options, heard)
        return None, await _imported(environment, database, path, options, heard)
    except IngestionError as error:
        found = error.summary
        listed = _listed(found.rejected, found.rejected_count) | {"unit": found.unit} if found else {}
        return str(error).replace(str(path), run.name), listed
    except Exception:  # noqa: BLE001 - the outermost of this process: whoever waits for the file is told in words
        _log.exception("import_failed", run=str(run.id))
        return BROKEN, {}


async def _checked(database: Database, path: Path, options: ImportOptions, heard: _Heard) -> dict[str, Any]:
    with heard.shown(CHECKING) as progress:
        found = await check_file(database, path, options, progress)
    return {
        "format": found.format,
        "holds": found.holds,
        "unit": found.unit,
        "encoding": found.encoding,
        "read": found.read,
        "samples": [{"question": sample.question, "answer": sample.answer} for sample in found.samples],
    } | _listed(found.rejected, found.rejected_count)


async def _imported(
    environment: Environment, database: Database, path: Path, options: ImportOptions, heard: _Heard
) -> dict[str, Any]:
    with heard.shown(STORING) as progress:
        summary = await import_file(database, path, options, progress)
    prepared = await preparing.prepare_shown(environment, database, heard.shown)
    return (
        imports.counts(summary)
        | {"format": summary.format, "unit": summary.unit, "encoding": summary.encoding}
        | {"not_mined": dict(summary.skipped), "left_out": dict(summary.left_out)}
        | _listed(summary.rejected, summary.rejected_count)
        | preparing.document(prepared)
    )


def _listed(rejected: tuple[Rejection, ...], count: int) -> dict[str, Any]:
    first = [{"number": one.number, "reason": one.reason} for one in rejected[:KEPT_REJECTIONS]]
    return {"rejected": first, "rejected_count": count}


async def _close(database: Database, run: ImportRun, problem: str | None, outcome: dict[str, Any]) -> None:
    async with database.writing() as session:
        if problem is not None:
            await import_runs.fail(session, run, problem, outcome)
        elif run.state is ImportState.CHECKING:
            await import_runs.checked(session, run, outcome)
        else:
            await import_runs.finish(session, run, outcome)
