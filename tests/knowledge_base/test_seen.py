"""What was seen with one customer only is told from what several know, without keeping the words."""

import pytest
from sqlalchemy import select

from knowledge_base.database import Database
from knowledge_base.privacy import particulars, seen
from knowledge_base.tables import ParticularRow

pytestmark = pytest.mark.anyio

ADA, BEN, CY = (seen.owner_of(name, "d") for name in ("ada", "ben", "cy"))


async def told(database: Database, **by: str) -> None:
    """Count what each of these customers said."""
    async with database.writing() as session:
        await seen.note(session, {seen.owner_of(name, "d"): particulars.of(text) for name, text in by.items()})


async def lonely(database: Database, text: str) -> set[str]:
    """What in a text was seen with one customer only."""
    async with database.reading() as session:
        return set(await seen.lonely(session, particulars.of(text)))


def test_the_particulars_of_a_text_are_figures_names_and_unknown_words() -> None:
    assert particulars.of("Take the kettle apart and rinse it.") == frozenset()
    assert particulars.of("It takes 23 minutes at 9.30, says Oksana of lokarumi.") == {
        "23 minutes",
        "9.30",
        "oksana",
        "lokarumi",
    }
    assert particulars.of("请按住圆环直到白灯闪烁，然后重新连接。") == frozenset()
    assert particulars.of("已经请李秀兰在9月3日送到，编码是一三八零。") == {
        "李秀兰",
        "9月3日",
        "9月",
        "3日送",
        "一三八零",
    }


async def test_what_one_customer_said_twice_is_still_theirs_alone(database: Database) -> None:
    await told(database, ada="lokarumi at 9.30")
    await told(database, ada="lokarumi")
    assert await lonely(database, "lokarumi at 9.30") == {"lokarumi", "9.30"}


async def test_what_two_customers_said_is_nobody_s_alone(database: Database) -> None:
    await told(database, ada="lokarumi at 9.30")
    await told(database, ben="lokarumi")
    assert await lonely(database, "lokarumi at 9.30") == {"9.30"}


async def test_two_customers_in_one_batch_count_as_two(database: Database) -> None:
    await told(database, ada="lokarumi", ben="lokarumi")
    assert await lonely(database, "lokarumi") == set()


async def test_the_company_s_own_words_and_ordinary_ones_are_nobody_s_alone(database: Database) -> None:
    async with database.writing() as session:
        await seen.note_own(session, particulars.of("E-17 of Fjordkettle"))
    assert await lonely(database, "Your fjordkettle shows E-17 again.") == set()


async def test_before_anything_was_counted_everything_is_lonely(database: Database) -> None:
    assert await lonely(database, "lokarumi") == {"lokarumi"}


async def test_a_dialogue_without_a_customer_is_a_customer_of_its_own(database: Database) -> None:
    async with database.writing() as session:
        await seen.note(session, {seen.owner_of(None, "d1"): ["lokarumi"]})
        await seen.note(session, {seen.owner_of(None, "d1"): ["lokarumi"]})
        assert await seen.lonely(session, ["lokarumi"]) == {"lokarumi"}
        await seen.note(session, {seen.owner_of(None, "d2"): ["lokarumi"]})
        assert await seen.lonely(session, ["lokarumi"]) == frozenset()


async def test_who_is_forgotten_said_nothing(database: Database) -> None:
    await told(database, ada="lokarumi bozeti", ben="lokarumi")
    async with database.writing() as session:
        await seen.forget(session, [ADA])
        assert len((await session.execute(select(ParticularRow.digest))).all()) == 1
    assert await lonely(database, "lokarumi") == {"lokarumi"}
    await told(database, cy="lokarumi")
    assert await lonely(database, "lokarumi") == set()
    async with database.writing() as session:
        await seen.forget(session, [BEN, CY])
        assert (await session.execute(select(ParticularRow.digest))).all() == []


async def test_no_word_is_kept_as_it_was_written(database: Database) -> None:
    await told(database, ada="lokarumi")
    async with database.reading() as session:
        (row,) = (await session.execute(select(ParticularRow))).scalars()
        assert b"lokarumi" not in row.digest + row.first


async def test_a_text_with_a_slot_is_nobody_else_s(database: Database) -> None:
    async with database.reading() as session:
        assert not await seen.is_anybodys(session, "where is ‹order›?")
        assert await seen.is_anybodys(session, "where is my parcel?")
