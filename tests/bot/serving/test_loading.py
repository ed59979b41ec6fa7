"""A model whose vectors lie outside of its process: it says what one with its own index says, however it was loaded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from bot.reply import Query
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions, options_of
from bot.settings import Settings
from knowledge_base import answers
from knowledge_base.answers import AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.errors import IndexUnavailableError
from knowledge_base.indexes.milvus import MilvusIndex
from knowledge_base.indexes.pgvector import PgvectorIndex
from knowledge_base.indexes.vector_index import Followed, SharedIndex
from tests.bot.serving.test_active_model import QUESTIONS, teach
from tests.bot.serving.test_snapshots import ASKED
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model of a test keeps its indexes."""

    database: Database
    encoder: OnnxEncoder
    options: DecisionOptions
    folder: Path | None

    @asynccontextmanager
    async def loaded(self) -> AsyncIterator[Serving]:
        """A model, loaded."""
        serving = Serving(self.database, [self.encoder], self.options, self.folder)
        await serving.load()
        try:
            yield serving
        finally:
            serving.close()


@pytest.fixture(params=["milvus", "pgvector"])
async def place(request: pytest.FixtureRequest, encoder: OnnxEncoder, tmp_path: Path) -> AsyncIterator[Place]:
    """A memory of two answers, whose vectors go to Milvus Lite, or into the PostgreSQL that holds the memory."""
    url = request.getfixturevalue("sqlite_url" if request.param == "milvus" else "postgres_url")
    database = Database(url)
    for name, questions in QUESTIONS.items():
        draft = AnswerDraft(f"About {name}.", name, external_id=name, language="en")
        await teach(database, encoder, draft, questions)
    options = DecisionOptions(index_url=str(tmp_path / "milvus.db") if request.param == "milvus" else url)
    yield Place(database, encoder, options, tmp_path / "index")
    await database.close()


def shared_of(serving: Serving) -> SharedIndex:
    """The index behind a model."""
    shared = serving._serving.retriever.shared
    assert shared is not None
    return shared


def table_of(shared: SharedIndex) -> object:
    """The number of the table or collection: another one has been made anew."""
    if isinstance(shared, MilvusIndex):
        return shared._client.describe_collection(shared._name)["collection_id"]
    assert isinstance(shared, PgvectorIndex)
    number = "SELECT to_regclass(%s)::oid"
    name = f"weaver_index.{shared._table.name}"
    return shared._searches.run(lambda connection: connection.execute(number, (name,)).fetchone())


def drop(shared: SharedIndex) -> None:
    """Take the table or collection away."""
    if isinstance(shared, MilvusIndex):
        shared._client.drop_collection(shared._name)
    else:
        assert isinstance(shared, PgvectorIndex)
        shared._searches.run(lambda connection: connection.execute(shared._table.say("DROP TABLE {table}")))


async def told(serving: Serving) -> list[Any]:
    """The candidates of some turns, with their scores."""
    replies = [await serving.respond(Query(text)) for text in ASKED]
    return [[(one.answer, pytest.approx(one.score, abs=1e-4)) for one in reply.candidates] for reply in replies]


async def assert_right(place: Place, serving: Serving) -> None:
    """A model says what one says that has read everything from SQL."""
    async with Place(place.database, place.encoder, DecisionOptions(), None).loaded() as fresh:
        assert await told(serving) == await told(fresh)


async def change(place: Place) -> None:
    """Bring an answer, and retire another."""
    draft = AnswerDraft("Nine to five.", "Hours", external_id="hours", language="en")
    await teach(place.database, place.encoder, draft, ["Opening hours, please?"])
    async with place.database.writing() as session:
        answer = await answers.by_public_id(session, "returns")
        await answers.set_status(session, answer.id, AnswerStatus.RETIRED)


async def test_a_model_with_its_vectors_elsewhere_says_the_same_and_follows(place: Place) -> None:
    async with place.loaded() as serving:
        await assert_right(place, serving)
        await change(place)
        await serving.catch_up()
        await assert_right(place, serving)


@pytest.mark.parametrize("kept", [True, False])
async def test_what_changed_between_two_runs_is_followed_with_and_without_a_snapshot(
    place: Place, *, kept: bool
) -> None:
    async with place.loaded() as serving:
        if kept:
            await serving.save()
        first = table_of(shared_of(serving))
    await change(place)
    async with place.loaded() as again:
        await assert_right(place, again)
        assert table_of(shared_of(again)) == first


async def test_two_processes_share_an_index(place: Place) -> None:
    async with place.loaded() as one, Place(place.database, place.encoder, place.options, None).loaded() as other:
        await change(place)
        for serving in (one, other):
            await serving.catch_up()
        for serving in (one, other):
            await assert_right(place, serving)


async def test_an_index_of_another_history_is_made_again(place: Place) -> None:
    async with place.loaded() as serving:
        shared = shared_of(serving)
        last = shared.followed()
        assert last is not None
        await serving.save()
        shared.note(Followed(last.number + 5, last.subject_id))
    with capture_logs() as logs:
        async with place.loaded() as again:
            await assert_right(place, again)
    assert "of another database" in logs[0]["reason"]


async def test_what_an_error_left_half_followed_is_loaded_again(place: Place) -> None:
    async with place.loaded() as serving:
        await change(place)
        drop(shared_of(serving))
        with pytest.raises(IndexUnavailableError, match=r"does not do its work|cannot be searched or changed"):
            await serving.catch_up()
        await serving.catch_up()
        await assert_right(place, serving)


async def test_processes_that_start_at_once_fill_an_index_once(postgres_url: str, encoder: OnnxEncoder) -> None:
    database, made = Database(postgres_url), list[object]()
    draft = AnswerDraft("About returns.", "Returns", external_id="returns", language="en")
    await teach(database, encoder, draft, QUESTIONS["returns"])
    place = Place(database, encoder, DecisionOptions(index_url=postgres_url), None)

    async def start() -> None:
        async with place.loaded() as serving:
            made.append(table_of(shared_of(serving)))
            await assert_right(place, serving)

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(start)
    assert len(made) == 3
    assert len(set(made)) == 1
    await database.close()


def test_a_setting_names_the_engine() -> None:
    assert Settings().index == "embedded"
    assert Settings(index="http://milvus:19530/shop").index == "http://milvus:19530/shop"
    with pytest.raises(ValidationError, match="say embedded"):
        Settings(index="pinecone")


def test_pgvector_is_the_database_itself(encoder: OnnxEncoder) -> None:
    url = "postgresql://weaver@localhost/shop"
    assert options_of(Settings(index="pgvector", database_url=url), [encoder]).index_url == url
    with pytest.raises(ValidationError, match="pgvector needs WEAVER_DATABASE_URL=postgresql://"):
        Settings(index="pgvector")
