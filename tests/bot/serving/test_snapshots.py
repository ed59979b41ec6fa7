"""Indexes that are kept between runs: whatever happened since, answers are those of indexes made from SQL."""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import pytest
from anyio import from_thread
from sqlalchemy import delete, update
from structlog.testing import capture_logs

from bot.reply import Query
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from bot.serving.snapshots import MOST_CHANGES, QUIET_SECONDS, Snapshots
from bot.settings import Settings
from bot.updates import learning
from knowledge_base import answers, changes, dialogues, erasure, keys, positions
from knowledge_base.answers import AnswerDraft, AnswerStatus
from knowledge_base.changes import Change, ChangeKind
from knowledge_base.database import Database
from knowledge_base.indexes import snapshot, snapshot_writer
from knowledge_base.indexes.snapshot import ARRAYS, Stamp
from knowledge_base.positions import PositionDraft
from knowledge_base.tables import PositionRow
from tests.bot.serving.test_active_model import QUESTIONS, teach
from weaver_core.dialogue import Dialogue, PositionKind, Role, Turn
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[3]
ASKED = [
    "How long does delivery take?",
    "when is it here",
    "How do I return a lamp?",
    "cn I sned it back",
    "Opening hours?",
]
OPTIONS = DecisionOptions()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where snapshots are kept."""
    return tmp_path / "index"


@pytest.fixture
async def stored(database: Database, encoder: OnnxEncoder) -> Database:
    """A memory of two answers, in either kind of database."""
    for name, questions in QUESTIONS.items():
        draft = AnswerDraft(f"About {name}.", name, external_id=name, language="en")
        await teach(database, encoder, draft, questions)
    return database


@asynccontextmanager
async def loaded(database: Database, encoder: OnnxEncoder, folder: Path | None) -> AsyncIterator[Serving]:
    """A model with indexes from this folder, or made from SQL."""
    serving = Serving(database, [encoder], OPTIONS, folder)
    await serving.load()
    try:
        yield serving
    finally:
        serving.close()


async def told(serving: Serving) -> list[Any]:
    """All that can be seen of what is found for some turns."""
    replies = [await serving.respond(Query(text)) for text in ASKED]
    return [
        [(one.answer, round(one.score, 5), [p.position for p in one.positions]) for one in reply.candidates]
        for reply in replies
    ]


async def save(database: Database, encoder: OnnxEncoder, folder: Path) -> None:
    """Keep the indexes of a model that has just loaded."""
    async with loaded(database, encoder, folder) as serving:
        await serving.save()
    assert snapshot.newest(folder) is not None


async def assert_right(database: Database, encoder: OnnxEncoder, folder: Path, reason: str | None = None) -> None:
    """What is opened says what is made from SQL; it is made again, with one line in the log, for this reason only."""
    async with loaded(database, encoder, None) as fresh:
        wanted = await told(fresh)
    with capture_logs() as logs:
        async with loaded(database, encoder, folder) as opened:
            assert await told(opened) == wanted
    assert [log["event"] for log in logs] == ([] if reason is None else ["indexes_made_again"])
    assert reason is None or reason in logs[0]["reason"]


async def test_opened_indexes_say_what_indexes_made_from_sql_say(
    stored: Database, encoder: OnnxEncoder, folder: Path
) -> None:
    await save(stored, encoder, folder)
    await assert_right(stored, encoder, folder)


async def test_an_index_is_opened_without_reading_the_memories(
    stored: Database, encoder: OnnxEncoder, folder: Path
) -> None:
    await save(stored, encoder, folder)
    async with stored.writing() as session:
        # Words that no change tells of: they are seen only by those who read them.
        await session.execute(update(PositionRow).values(text="Something else?"))
    async with loaded(stored, encoder, folder) as serving:
        texts = [p.position.text for p in (await serving.respond(Query(ASKED[0]))).candidates[0].positions]
    assert "Something else?" not in texts


async def test_what_changed_after_a_snapshot_is_followed(stored: Database, encoder: OnnxEncoder, folder: Path) -> None:
    await save(stored, encoder, folder)
    await teach(
        stored, encoder, AnswerDraft("Nine to five.", "Hours", external_id="hours", language="en"), ["Opening?"]
    )
    async with stored.writing() as session:
        returns = await answers.by_public_id(session, "returns")
        await answers.revise(session, returns.id, "Returns", "Within 30 days.", "test")
    await assert_right(stored, encoder, folder)
    async with stored.writing() as session:
        shipping = await answers.by_public_id(session, "shipping-time")
        await answers.set_status(session, shipping.id, AnswerStatus.RETIRED)
        await session.execute(delete(PositionRow).where(PositionRow.answer_id == returns.id))
        await changes.record(session, ChangeKind.ANSWER, [returns.id])
    await assert_right(stored, encoder, folder)
    await save(stored, encoder, folder)
    await assert_right(stored, encoder, folder)


async def test_a_process_that_follows_goes_on_from_an_opened_index(
    stored: Database, encoder: OnnxEncoder, folder: Path
) -> None:
    await save(stored, encoder, folder)
    async with loaded(stored, encoder, folder) as serving:
        for number in range(3):
            draft = AnswerDraft(f"Text {number}.", f"{number}", language="en")
            await teach(stored, encoder, draft, [f"how long does it take {number}"])
            await serving.catch_up()
            await serving.save()
        followed = await told(serving)
    async with loaded(stored, encoder, None) as fresh:
        assert await told(fresh) == followed
    await assert_right(stored, encoder, folder)


async def test_a_damaged_snapshot_is_made_again_with_one_line_in_the_log(
    stored: Database, encoder: OnnxEncoder, folder: Path
) -> None:
    await save(stored, encoder, folder)
    arrays = snapshot.folders(folder)[0] / ARRAYS
    arrays.write_bytes(arrays.read_bytes()[:-5000])
    await assert_right(stored, encoder, folder, "another size")
    await save(stored, encoder, folder)
    await assert_right(stored, encoder, folder)


async def test_rows_that_no_change_tells_of_are_noticed(stored: Database, encoder: OnnxEncoder, folder: Path) -> None:
    await save(stored, encoder, folder)
    async with stored.writing() as session:
        await session.execute(delete(PositionRow).where(PositionRow.text == QUESTIONS["returns"][0]))
    await assert_right(stored, encoder, folder, "no change tells of")


async def test_another_databases_snapshot_is_not_opened(
    stored: Database, encoder: OnnxEncoder, folder: Path, tmp_path: Path, migrated_sqlite: bytes
) -> None:
    await save(stored, encoder, folder)
    (tmp_path / "other.db").write_bytes(migrated_sqlite)
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    for number in range(6):
        draft = AnswerDraft(f"Other {number}.", f"{number}", language="en")
        await teach(other, encoder, draft, [f"how long is it {number}"])
    await assert_right(other, encoder, folder, "this database is not the one")
    await other.close()


async def test_a_restored_backup_does_not_meet_a_later_snapshot_even_when_it_has_gone_on(
    sqlite_url: str, encoder: OnnxEncoder, folder: Path, tmp_path: Path
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    database = Database(sqlite_url)
    await teach(database, encoder, AnswerDraft("One.", "1", language="en"), ["how long"])
    await database.close()
    shutil.copy(path, tmp_path / "backup.db")
    database = Database(sqlite_url)
    await teach(database, encoder, AnswerDraft("Two.", "2", language="en"), ["how long does it take"])
    await save(database, encoder, folder)
    await database.close()
    for left in path.parent.glob("weaver.db*"):
        if left.is_file():
            left.unlink()
    shutil.copy(tmp_path / "backup.db", path)
    database = Database(sqlite_url)
    await assert_right(database, encoder, folder, "this database is not the one")
    # As many changes later the numbers agree again, the histories do not.
    for number in range(9):
        draft = AnswerDraft(f"Three {number}.", "3", language="en")
        await teach(database, encoder, draft, [f"how long did it take {number}"])
    await assert_right(database, encoder, folder, "this database is not the one")
    await database.close()


async def test_a_mark_without_a_snapshot_is_harmless(stored: Database, encoder: OnnxEncoder, folder: Path) -> None:
    await save(stored, encoder, folder)
    async with stored.writing() as session:
        await changes.mark(session)
    await assert_right(stored, encoder, folder)


async def test_other_encoders_make_indexes_of_their_own(
    stored: Database, encoder: OnnxEncoder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await save(stored, encoder, folder)
    monkeypatch.setattr(OnnxEncoder, "version", "another@1")
    with capture_logs() as logs:
        async with loaded(stored, encoder, folder) as serving:
            assert serving.answers == 0
    assert [(log["log_level"], "other encoders" in log["reason"]) for log in logs] == [("info", True)]


async def test_a_version_that_centres_alike_reads_the_same_indexes(
    stored: Database, encoder: OnnxEncoder, folder: Path
) -> None:
    for number in range(30):
        draft = AnswerDraft(f"Answer {number}.", f"{number}", language="en")
        await teach(stored, encoder, draft, [f"question {number} one", f"question {number} two"])
    async with loaded(stored, encoder, folder) as serving:
        await serving.save()
        before = serving._serving.retriever._search
        assert await learning.refit(stored, [encoder], "test") is not None
        await serving.catch_up()
        assert serving.model_version == "v1"
        assert serving._serving.retriever._search is before
    await assert_right(stored, encoder, folder)


async def test_what_was_erased_is_in_no_snapshot(stored: Database, encoder: OnnxEncoder, folder: Path) -> None:
    async with stored.writing() as session:
        returns = await answers.by_public_id(session, "returns")
        said = Dialogue("d-1", (Turn(Role.CUSTOMER, "Zebedee Quill wants his money"),))
        dialogue = await dialogues.add(session, said, "test", "default", "hash")
        draft = PositionDraft(PositionKind.QUESTION, said.turns[0].text, language="en", turn_id=dialogue.turn_ids[0])
        (position_id,) = await positions.add(session, returns.id, [draft])
        await keys.put(session, encoder.version, {position_id: encoder.encode([draft.text])[0]}, [returns.id])
    async with loaded(stored, encoder, folder) as serving:
        await serving.save()
        assert _holds(folder, "bedee")
        async with stored.writing() as session:
            await erasure.erase(session, [dialogue.id])
        await serving.catch_up()
        assert snapshot.folders(folder) == []
        assert serving._serving.snapshots is not None
        assert serving._serving.snapshots.is_due(serving._serving.seen, serving.answers)
        await serving.save()
    assert snapshot.folders(folder)
    assert not _holds(folder, "bedee")
    await assert_right(stored, encoder, folder)


async def test_what_is_erased_while_a_snapshot_goes_to_the_disk_is_not_kept_in_it(
    stored: Database, encoder: OnnxEncoder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with loaded(stored, encoder, folder) as serving:
        kept = serving._serving.snapshots
        assert kept is not None
        finish = snapshot_writer.SnapshotWriter.finish

        def finish_late(writer: snapshot_writer.SnapshotWriter, stamp: Stamp) -> None:
            from_thread.run_sync(kept.note, [Change(stamp.mark + 1, ChangeKind.ERASURE, UUID(int=1))])
            finish(writer, stamp)

        monkeypatch.setattr(snapshot_writer.SnapshotWriter, "finish", finish_late)
        await serving.save()
    assert snapshot.folders(folder) == []


async def test_a_snapshot_that_is_being_written_elsewhere_is_left_to_it(
    stored: Database, encoder: OnnxEncoder, folder: Path
) -> None:
    with snapshot_writer.writing(folder), capture_logs() as logs:
        async with loaded(stored, encoder, folder) as serving:
            await serving.save()
            assert serving._serving.snapshots is not None
            assert not serving._serving.snapshots.is_due(serving._serving.seen, serving.answers)
    assert [log["event"] for log in logs] == ["indexes_not_written"]


async def test_indexes_are_saved_when_much_has_changed_or_a_little_some_time_ago(
    encoder: OnnxEncoder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(anyio, "current_time", lambda: clock[0])
    kept = Snapshots(folder, [encoder], OPTIONS)
    kept.note([Change(1, ChangeKind.ANSWER, UUID(int=1))])
    assert not kept.is_due(MOST_CHANGES - 1, answers=10)
    assert kept.is_due(MOST_CHANGES, answers=10)
    assert not kept.is_due(MOST_CHANGES, answers=1_000_000)
    clock[0] += QUIET_SECONDS
    assert kept.is_due(MOST_CHANGES - 1, answers=10)
    assert not kept.is_due(10, answers=10)


async def test_a_service_keeps_its_indexes_beside_its_database(tmp_path: Path) -> None:
    assert Settings(database_url="sqlite:////data/w.db").index_folder == Path("/data/w.db-index")
    assert Settings(home=tmp_path, database_url="postgresql://h/d").index_folder == tmp_path / "index"


def _holds(folder: Path, word: str) -> bool:
    """Whether the end of a word is indexed, spelled as it is there."""
    spelled = word.encode().hex().encode()
    return any(spelled in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _learn_and_die(given: list[str], seconds: float) -> None:
    command = [sys.executable, "-m", "tests.bot.learning_process", *given]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        process.kill()


@pytest.mark.slow
async def test_a_process_that_is_killed_while_it_learns_and_saves_leaves_nothing_wrong(
    sqlite_url: str, encoder_folder: Path, encoder: OnnxEncoder, folder: Path
) -> None:
    dice = random.Random(3)
    counted = 0
    for _ in range(4):
        _learn_and_die([sqlite_url, str(encoder_folder), str(folder)], dice.uniform(0.2, 0.8))
        database = Database(sqlite_url)
        await assert_right(database, encoder, folder)
        async with loaded(database, encoder, folder) as serving:
            assert serving.answers > counted
            counted = serving.answers
        await database.close()
    assert snapshot.folders(folder)
