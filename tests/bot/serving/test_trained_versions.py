"""A version whose encoder was trained: it takes over beside the one that answers, and gives way again."""

from pathlib import Path

import anyio
import pytest
from sqlalchemy import select, update

from bot.reply import Query
from bot.serving.active_model import Serving
from bot.serving.encoder_shelf import DELTAS, EncoderShelf, TrainedEncoderError, name_with
from bot.serving.options import DecisionOptions
from bot.updates import promotion, tidying
from bot.updates.promotion import OtherEncodersError, UnlearnedVersionError
from knowledge_base import artefacts, forgetting, keys, models
from knowledge_base.answers import AnswerDraft
from knowledge_base.artefacts import Artefact
from knowledge_base.database import Database
from knowledge_base.errors import ArtefactDamagedError
from knowledge_base.models import ModelDraft, ModelVersion
from knowledge_base.tables import ArtefactRow
from tests import trained
from tests.bot.serving.test_active_model import QUESTIONS, teach
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.readers import Readers

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this module's trained encoders are exported to, once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def artefact(transformer: Path, tmp_path_factory: pytest.TempPathFactory) -> Artefact:
    """What the encoder was trained to."""
    return trained.artefact(transformer, tmp_path_factory.mktemp("trained"))


@pytest.fixture
async def database(
    sqlite_database: Database, encoder: OnnxEncoder, caches: Path, monkeypatch: pytest.MonkeyPatch
) -> Database:
    """A memory of two answers."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    for name, questions in QUESTIONS.items():
        draft = AnswerDraft(f"About {name}.", name, external_id=name, language="en")
        await teach(sqlite_database, encoder, draft, questions)
    return sqlite_database


async def stored_versions(
    database: Database, encoder: OnnxEncoder, artefact: Artefact
) -> tuple[ModelVersion, ModelVersion]:
    """A version of the encoder as it was installed, which answers, and one of its trained state, which does not yet."""
    deltas = {encoder.version: artefact.sha256}
    parameters = {**Readers((encoder,)).to_json(), DELTAS: deltas}
    async with database.writing() as session:
        plain = await models.promote_fit(session, ModelDraft(encoder.version, {**parameters, DELTAS: {}}, {}, ""), "t")
        await artefacts.put(session, artefact)
        draft = ModelDraft(name_with([encoder], deltas), parameters, {}, "")
        return plain, await models.add(session, draft, models.CANDIDATE)


async def top(serving: Serving, question: str) -> str | None:
    reply = await serving.respond(Query(question))
    return reply.candidates[0].answer.answer_id if reply.candidates else None


async def test_a_trained_version_takes_over_and_gives_way_while_every_turn_is_answered(
    database: Database, encoder: OnnxEncoder, artefact: Artefact, transformer: Path
) -> None:
    plain, better = await stored_versions(database, encoder, artefact)
    serving = Serving(database, [encoder], DecisionOptions(), names=[str(transformer)])
    shelf = EncoderShelf([encoder], [str(transformer)])
    seen: set[str] = set()

    async def answer_turns() -> None:
        while True:
            assert await top(serving, "Can I send it back?") == "returns"
            seen.add(serving.model_version)

    async with serving.following(), anyio.create_task_group() as group:
        group.start_soon(answer_turns)
        await promotion.promote(database, shelf, "v2", "ada")
        await serving.settle()
        assert serving.model_version == better.name
        assert serving.encoders[0].version == f"{encoder.version}+{artefact.sha256[:12]}"
        assert await top(serving, "How long does delivery take?") == "shipping-time"
        # Another process, which has not heard of it yet, still stores keys of the encoder as it was.
        draft = AnswerDraft("Nine to five.", "Hours", external_id="hours", language="en")
        await teach(database, encoder, draft, ["When are you open?"])
        await serving.catch_up()
        assert await top(serving, "When are you open?") == "hours"
        await promotion.roll_back(database, shelf, "ada")
        await serving.settle()
        assert serving.model_version == plain.name
        assert serving.encoders == (encoder,)
        assert await top(serving, "When are you open?") == "hours"
        group.cancel_scope.cancel()
    assert seen == {"v1", "v2"}


async def test_a_command_reads_with_the_trained_version_too(
    database: Database, encoder: OnnxEncoder, artefact: Artefact, transformer: Path
) -> None:
    _, better = await stored_versions(database, encoder, artefact)
    async with database.writing() as session:
        await models.promote(session, better, "ada")
    async with Serving(database, [encoder], DecisionOptions(), names=[str(transformer)]).loaded() as serving:
        # Nobody has made keys for it yet: a service makes them before it lets the version answer.
        assert await top(serving, "Can I send it back?") is None
    async with database.reading() as session:
        assert await keys.count_missing(session, better.encoder) == 4


async def test_trained_weights_that_are_damaged_are_told_and_the_installed_encoder_answers(
    database: Database, encoder: OnnxEncoder, artefact: Artefact, transformer: Path
) -> None:
    await stored_versions(database, encoder, artefact)
    shelf = EncoderShelf([encoder], [str(transformer)])
    async with database.writing() as session:
        await session.execute(update(ArtefactRow).values(content=artefact.content[:-1]))
    with pytest.raises(ArtefactDamagedError, match="are not what was stored; roll back"):
        await promotion.promote(database, shelf, "v2", "ada")
    async with database.writing() as session:
        await models.promote(session, await models.by_name(session, "v2"), "ada")
    async with Serving(database, [encoder], DecisionOptions(), names=[str(transformer)]).following():
        pass
    async with Serving(database, [encoder], DecisionOptions(), names=[str(transformer)]).loaded() as serving:
        assert serving.model_version == "v0"
        assert await top(serving, "Can I send it back?") == "returns"


async def test_a_version_of_other_encoders_or_of_no_known_place_is_not_promoted(
    database: Database, encoder: OnnxEncoder, artefact: Artefact
) -> None:
    await stored_versions(database, encoder, artefact)
    with pytest.raises(TrainedEncoderError, match="no setting names where it is from"):
        await promotion.promote(database, EncoderShelf([encoder]), "v2", "ada")
    async with database.writing() as session:
        await models.add(session, ModelDraft("another@1", {}, {}, ""), models.CANDIDATE)
    with pytest.raises(OtherEncodersError, match="v3 reads the vectors of another@1"):
        await promotion.promote(database, EncoderShelf([encoder]), "v3", "ada")


async def test_what_was_trained_on_a_forgotten_persons_data_answers_until_the_next_version_and_never_again(
    database: Database, encoder: OnnxEncoder, artefact: Artefact, transformer: Path
) -> None:
    plain, better = await stored_versions(database, encoder, artefact)
    shelf = EncoderShelf([encoder], [str(transformer)])
    await promotion.promote(database, shelf, "v2", "ada")
    async with database.writing() as session:
        # What was kept long enough is retrained without, and may be gone back to.
        await forgetting.schedule_retraining(session, plain.created_at, forgetting.EXPIRED)
        assert await forgetting.saw_forgotten(session) == frozenset()
        marked = await forgetting.schedule_retraining(session, plain.created_at, forgetting.FORGOTTEN)
        assert marked == ("v1", "v2")
        assert await artefacts.put(session, Artefact({}, b"made by an update that was tried")) != artefact.sha256
    await tidying.drop_unused(database, shelf)
    async with database.reading() as session:
        assert list((await session.execute(select(ArtefactRow.sha256))).scalars()) == [artefact.sha256]
    async with database.writing() as session:
        newer = await models.add(session, ModelDraft(encoder.version, plain.parameters, {}, ""), models.CANDIDATE)
        await models.promote(session, newer, "ada")
        await forgetting.retrained(session)
    for back in (promotion.roll_back(database, shelf, "ada"), promotion.promote(database, shelf, better.name, "ada")):
        with pytest.raises(UnlearnedVersionError, match="v2 was trained on data of a person who is forgotten"):
            await back
    await tidying.drop_unused(database, shelf)
    async with database.reading() as session:
        assert not list((await session.execute(select(ArtefactRow.sha256))).scalars())
    # A fit of a few numbers holds nothing of anybody.
    assert (await promotion.promote(database, shelf, plain.name, "ada")).name == "v1"


async def test_what_training_made_is_stored_once_and_goes_when_nobody_needs_it(
    database: Database, artefact: Artefact
) -> None:
    async with database.writing() as session:
        for _ in range(2):
            assert await artefacts.put(session, artefact) == artefact.sha256
        assert await artefacts.keep_only(session, [artefact.sha256]) == 0
        assert await artefacts.keep_only(session, []) == 1
        with pytest.raises(ArtefactDamagedError, match="are missing"):
            await artefacts.get(session, artefact.sha256)
