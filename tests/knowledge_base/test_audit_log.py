"""The audit log is read by what, who, words and days, a page at a time, on both databases."""

from datetime import timedelta

import pytest

from knowledge_base import audit
from knowledge_base.audit import ACTIONS, Kind, Wanted
from knowledge_base.database import Database
from knowledge_base.tables.base import now

pytestmark = pytest.mark.anyio

WRITTEN = (
    ("Ada", "role", "rhea"),
    ("bea", "add key", "shop_100%"),
    ("bea", "correct", "m1"),
    ("live guard", "roll back", "v3"),
    ("小美", "approved", "退货"),
    ("bea", "something else", "x"),
)


@pytest.fixture
async def written(database: Database) -> Database:
    """A log with a change of several kinds."""
    async with database.writing() as session:
        for actor, action, subject in WRITTEN:
            await audit.record(session, actor, action, subject, before=1, after=2, note="n")
    return database


@pytest.mark.parametrize(
    ("wanted", "subjects"),
    [
        (Wanted(), ["x", "退货", "v3", "m1", "shop_100%", "rhea"]),
        (Wanted(kind=Kind.ACCOUNT), ["rhea"]),
        (Wanted(kind=Kind.OTHER), ["x"]),
        (Wanted(actor="ADA"), ["rhea"]),
        (Wanted(actor="美"), ["退货"]),
        (Wanted(actor="bea", kind=Kind.DECISION), ["m1"]),
        (Wanted(words="100%"), ["shop_100%"]),
        (Wanted(words="p_1"), ["shop_100%"]),
        (Wanted(words="%"), ["shop_100%"]),
        (Wanted(words="roll"), ["v3"]),
        (Wanted(since=now() + timedelta(days=1)), []),
        (Wanted(until=now() - timedelta(days=1)), []),
        (Wanted(since=now() - timedelta(days=1), until=now() + timedelta(days=1), words="m1"), ["m1"]),
    ],
)
async def test_changes_are_found_by_what_is_known_of_them(
    written: Database, wanted: Wanted, subjects: list[str]
) -> None:
    async with written.reading() as session:
        assert [one.subject for one in await audit.page(session, wanted, None, 100)] == subjects


async def test_pages_follow_one_another_without_a_gap(written: Database) -> None:
    read: list[str] = []
    after = None
    async with written.reading() as session:
        while found := await audit.page(session, Wanted(), after, 4):
            read += [one.subject for one in found]
            after = found[-1].id
        (first, *_) = await audit.newest(session)
    assert read == [subject for _, _, subject in reversed(WRITTEN)]
    assert (first.before, first.after, first.more, first.kind) == (1, 2, {"note": "n"}, Kind.OTHER)


async def test_each_action_is_of_one_kind() -> None:
    named = [action for actions in ACTIONS.values() for action in actions]
    assert len(named) == len(set(named))
