"""An uploaded file's way: whose it is, stopped before its end, gone on with, forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from knowledge_base import audit, import_runs
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from knowledge_base.import_runs import ImportLostError, ImportRun, ImportState, ImportStateError, Upload
from knowledge_base.tables import ImportRunRow
from knowledge_base.tables.base import now

pytestmark = pytest.mark.anyio


async def importing(database: Database) -> ImportRun:
    """A file that a process has begun to import."""
    async with database.writing() as session:
        received = await import_runs.receive(session, Upload(new_id(), "faq.csv", 10, {}), "ada")
        checking = await import_runs.claim(session, received.id, "one")
        await import_runs.checked(session, checking, {"read": 2})
        await import_runs.start(session, received.id, "ada")
        run = await import_runs.claim(session, received.id, "one")
        await import_runs.report(session, run, "storing", 0.4)
        return run


async def test_a_stopped_import_tells_its_process_and_waits_for_a_persons_word(database: Database) -> None:
    run = await importing(database)
    async with database.writing() as session:
        stopped = await import_runs.stop(session, run.id, "grace")
        assert (stopped.state, stopped.progress, stopped.under_way) == (ImportState.STOPPED, 0.4, False)
        with pytest.raises(ImportLostError):
            await import_runs.report(session, run, "storing", 0.5)
        with pytest.raises(ImportLostError):
            await import_runs.finish(session, run, {})
        assert await import_runs.unfinished(session) == []
        with pytest.raises(ImportStateError):
            await import_runs.stop(session, run.id, "grace")
        [entry] = await audit.of_action(session, "stop import")
        assert (entry.actor, entry.details["name"], entry.details["progress"]) == ("grace", "faq.csv", 0.4)


async def test_it_goes_on_in_another_process_while_the_first_still_stops(database: Database) -> None:
    run = await importing(database)
    async with database.writing() as session:
        await import_runs.stop(session, run.id, "ada")
        await import_runs.start(session, run.id, "ada")
        second = await import_runs.claim(session, run.id, "two")
        with pytest.raises(ImportLostError):
            await import_runs.report(session, run, "storing", 0.5)
        await import_runs.finish(session, second, {"new": 2})
        assert (await import_runs.get(session, run.id)).state is ImportState.DONE


async def test_a_stopped_import_is_discarded_by_hand_or_after_a_day(database: Database) -> None:
    by_hand, left = await importing(database), await importing(database)
    async with database.writing() as session:
        for run in (by_hand, left):
            await import_runs.stop(session, run.id, "ada")
        assert (await import_runs.discard(session, by_hand.id)).state is ImportState.DISCARDED
        await session.execute(update(ImportRunRow).values(created_at=now() - timedelta(days=2)))
        assert await import_runs.expire(session) == [left.id]
