"""An installation copied, saved and restored, from each kind of database into the other."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from knowledge_base import (
    accounts,
    api_keys,
    backups,
    canned_texts,
    erasure,
    logins,
    notes,
    presence,
    secrets,
    table_streams,
)
from knowledge_base.accounts import AccountRole
from knowledge_base.canned_texts import Draft
from knowledge_base.database import Database
from knowledge_base.errors import BackupDamagedError, BackupUnwritableError, DatabaseNotEmptyError
from knowledge_base.models import ModelDraft, promote_fit
from knowledge_base.tables import DialogueRow, SecretRow
from tests.knowledge_base.test_answers import ENCODER
from tests.knowledge_base.test_erasure import chat, mined

pytestmark = pytest.mark.anyio

OTHER = {"sqlite": "postgres_url", "postgresql": "sqlite_url"}


@pytest.fixture
def other_url(database: Database, request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database of the other kind."""
    url = request.getfixturevalue(OTHER[database.engine.dialect.name])
    assert isinstance(url, str)
    return url


@pytest.fixture
async def other(other_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database of the other kind."""
    other = Database(other_url)
    yield other
    await other.close()


async def fill(database: Database) -> None:
    """Rows in every kind of table: text in two scripts, vectors, JSON, moments, secrets, a version and its child."""
    async with database.writing() as session:
        answer = await mined(session, "1", "Vera", "水壶有异味怎么办？", "用醋煮两次。\n\tRinse it 😀 “twice”.")
        await chat(session, "Otto", answer)
        (held,) = (await session.execute(erasure.of_customer("Otto"))).scalars()
        await notes.add(session, held, "ada", "He collects stamps.")
        await presence.note(session, "ada", held)
        await canned_texts.add(session, Draft("refund", "zh", "款项五天内退回。"), "ada")
        await secrets.get_or_make(session, "tokens")
        account = await accounts.add(session, "ada", AccountRole.ADMIN, "hash", "test")
        await logins.sign_in(session, account)
        await api_keys.add(session, "shop", AccountRole.PROGRAM, "test")
        for beta in (0.1, 1e-7):
            await promote_fit(session, ModelDraft(ENCODER, {"en": {"beta": beta}, "a": [1.0, None]}, {}, ""), "test")


def hear(done: int, total: int) -> None:
    """Progress that nobody watches."""
    assert 0 < done <= total


def mode_of(path: Path) -> int:
    """Who may open a file."""
    return path.stat().st_mode & 0o777


def unfinished_in(folder: Path) -> list[Path]:
    """The files that a backup left behind."""
    return list(folder.glob("*.unfinished"))


async def test_a_copy_in_the_other_kind_of_database_has_the_same_rows(database: Database, other: Database) -> None:
    await fill(database)
    compared = await table_streams.copy(database, other, hear)
    assert all(sent == stored for sent, stored in compared.values())
    assert compared["turn"][1].rows == 4
    async with other.reading() as session:
        assert await table_streams.tallies(session) == {name: sent for name, (sent, _) in compared.items()}
    async with database.reading() as here, other.reading() as there:
        query = select(SecretRow.value)
        assert (await here.execute(query)).scalars().all() == (await there.execute(query)).scalars().all()
    with pytest.raises(DatabaseNotEmptyError, match="not empty: its table"):
        await table_streams.copy(database, other, hear)


async def test_a_backup_is_restored_in_the_other_kind_of_database(
    database: Database, other: Database, tmp_path: Path
) -> None:
    await fill(database)
    path = tmp_path / "weaver.backup"
    saved = await backups.save(database, path, hear)
    assert (mode_of(path), unfinished_in(tmp_path)) == (0o600, [])
    assert await backups.restore(other, path, hear) == saved
    async with other.reading() as session:
        assert await table_streams.tallies(session) == saved


@pytest.mark.parametrize("damage", ["cut", "flipped", "changed", "row", "foreign", "empty"])
async def test_a_damaged_backup_is_refused_and_leaves_nothing(
    database: Database, other: Database, tmp_path: Path, damage: str
) -> None:
    await fill(database)
    path = tmp_path / "weaver.backup"
    await backups.save(database, path, hear)
    whole = path.read_bytes()
    text = gzip.decompress(whole).decode()
    damaged = {
        "cut": whole[:-200],
        "flipped": whole[:300] + bytes([whole[300] ^ 255]) + whole[301:],
        "changed": gzip.compress(text.replace("Otto", "Olga").encode()),
        "row": gzip.compress(
            "".join(line for line in text.splitlines(keepends=True) if '"turn"' not in line[:16]).encode()
        ),
        "foreign": b"not a backup",
        "empty": b"",
    }
    path.write_bytes(damaged[damage])
    with pytest.raises(BackupDamagedError, match=r"weaver\.backup cannot be restored"):
        await backups.restore(other, path, hear)
    async with other.reading() as session:
        assert (await session.execute(select(func.count()).select_from(DialogueRow))).scalar_one() == 0


async def test_a_backup_that_cannot_be_written_is_one_sentence(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupUnwritableError, match="cannot be written: No such file"):
        await backups.save(database, tmp_path / "nowhere" / "weaver.backup", hear)
