"""A glance at the change counter: it sees what others committed, and says when it cannot see."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge_base import changes
from knowledge_base.change_glance import ChangeGlance
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id

pytestmark = pytest.mark.anyio


@pytest.fixture
def glance(sqlite_database: Database) -> Iterator[ChangeGlance]:
    """A glance at the counter of a migrated, empty file."""
    assert sqlite_database.path is not None
    opened = ChangeGlance(sqlite_database.path)
    yield opened
    opened.close()


async def test_a_glance_tells_what_was_committed_and_nothing_else(
    glance: ChangeGlance, sqlite_database: Database
) -> None:
    assert glance.newest() == 0
    async with sqlite_database.writing() as session:
        await changes.record(session, ChangeKind.ANSWER, [new_id(), new_id()])
        await session.flush()
        assert glance.newest() == 0
    assert glance.newest() == 2
    glance.close()
    assert glance.newest() == 2


async def test_what_cannot_be_seen_is_not_guessed(tmp_path: Path) -> None:
    assert ChangeGlance(tmp_path / "nowhere.db").newest() is None
    (tmp_path / "broken.db").write_bytes(b"no database at all" * 100)
    assert ChangeGlance(tmp_path / "broken.db").newest() is None
