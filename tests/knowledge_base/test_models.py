"""The registry: one version answers, another is promoted, the one before comes back, on both databases."""

import anyio
import pytest

from knowledge_base import audit, changes, models, update_runs
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.errors import NoEarlierVersionError, VersionNotFoundError
from knowledge_base.models import ModelDraft, ModelVersion

pytestmark = pytest.mark.anyio


async def fitted(database: Database) -> ModelVersion:
    """A new version, which answers."""
    async with database.writing() as session:
        return await models.promote_fit(session, ModelDraft("encoder", {}, {}, "It was fitted."), "test")


async def answering(database: Database) -> list[str]:
    """The names of the versions that answer."""
    async with database.reading() as session:
        return [version.name for version in await models.every(session) if version.state == models.ACTIVE]


async def test_a_version_is_promoted_and_rolled_back_and_every_process_hears_of_it(database: Database) -> None:
    first, second, third = [await fitted(database) for _ in range(3)]
    async with database.writing() as session:
        before = await changes.latest(session)
        promoted = await models.promote(session, first, "ada")
        news = await changes.since(session, before)
    assert (promoted.name, promoted.state, promoted.promoted_by) == ("v1", models.ACTIVE, "ada")
    assert [(change.kind, change.subject_id) for change in news] == [(ChangeKind.MODEL, first.id)]
    assert await answering(database) == ["v1"]
    async with database.writing() as session:
        await models.promote(session, third, "ada")
        for expected in (second, first):
            assert (await models.roll_back(session, "ada")).id == expected.id
        entries = [(entry.subject, entry.details) for entry in await audit.newest(session)]
    assert await answering(database) == ["v1"]
    assert entries[:2] == [("v1", {"before": "v2", "after": "v1"}), ("v2", {"before": "v3", "after": "v2"})]


async def test_promoting_what_answers_already_changes_nothing(database: Database) -> None:
    version = await fitted(database)
    async with database.writing() as session:
        before = await changes.latest(session)
        assert await models.promote(session, version, "ada") == version
        assert await changes.latest(session) == before


async def test_there_is_nothing_before_the_first_version(database: Database) -> None:
    async with database.writing() as session:
        with pytest.raises(NoEarlierVersionError, match=r"There is no model version yet\."):
            await models.roll_back(session, "ada")
    await fitted(database)
    async with database.writing() as session:
        with pytest.raises(NoEarlierVersionError, match=r"There is no model version before v1\."):
            await models.roll_back(session, "ada")


@pytest.mark.parametrize("name", ["v2", "2", "x", "v", "v-1", "v٢", "v99999999999999999999", ""])
async def test_a_name_that_no_version_has_is_named(database: Database, name: str) -> None:
    version = await fitted(database)
    async with database.reading() as session:
        assert await models.by_name(session, "v1") == version
        with pytest.raises(VersionNotFoundError, match=rf"There is no model version {name}\."):
            await models.by_name(session, name)


async def test_of_many_who_promote_at_once_one_wins_and_one_version_answers(database: Database) -> None:
    versions = [await fitted(database) for _ in range(4)]

    async def promote(version: ModelVersion) -> None:
        async with database.writing() as session:
            await models.promote(session, version, "ada")

    async with anyio.create_task_group() as tasks:
        for version in versions * 3:
            tasks.start_soon(promote, version)
    assert len(await answering(database)) == 1


async def test_what_the_run_said_and_the_parent_are_kept(database: Database) -> None:
    first, second = [await fitted(database) for _ in range(2)]
    async with database.reading() as session:
        assert (await update_runs.of_versions(session, [second.id]))[second.id].log == "It was fitted."
        assert await models.parent(session, second) is not None
        assert await models.parent(session, first) is None
