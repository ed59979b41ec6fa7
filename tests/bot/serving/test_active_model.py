"""The active model: what it decides, and that it follows what is committed."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from sqlalchemy import delete

from bot.reply import Decision, Query
from bot.serving.active_model import Serving
from bot.serving.candidates import MOST_POSITIONS
from bot.serving.options import DecisionOptions
from bot.serving.retriever import SAME_QUESTION_CONFIDENCE
from bot.updates import learning
from bot.updates.learning import FEWEST_TO_CENTRE
from knowledge_base import answers, changes, keys, models, positions
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.memories import Memory
from knowledge_base.positions import PositionDraft
from knowledge_base.tables import AnswerRow
from tests.knowledge_base.test_indexes import memory
from tests.patience import PATIENCE_SECONDS
from weaver_core.context.turn_vector import Recent
from weaver_core.dialogue import PositionKind, Role, Turn
from weaver_core.encoders.encoder import OnnxEncoder, read_config

pytestmark = pytest.mark.anyio

QUESTIONS = {
    "shipping-time": ["How long does delivery take?", "When will my parcel arrive?"],
    "returns": ["Can I send it back?", "How do I return a lamp?"],
}


async def teach(
    database: Database, encoder: OnnxEncoder, draft: AnswerDraft, questions: list[str], kind: str = "question"
) -> Answer:
    """Store an answer with its questions, encoded."""
    vectors = encoder.encode(questions)
    async with database.writing() as session:
        answer = await answers.create(session, draft, "test")
        drafts = [PositionDraft(PositionKind(kind), text, language=draft.language) for text in questions]
        ids = await positions.add(session, answer.id, drafts)
        await keys.put(session, encoder.version, dict(zip(ids, vectors, strict=True)), [answer.id])
    return answer


@pytest.fixture
async def serving(sqlite_database: Database, encoder: OnnxEncoder) -> AsyncIterator[Serving]:
    """A model that follows a memory of two English answers."""
    for name, questions in QUESTIONS.items():
        draft = AnswerDraft(f"About {name}.", name, external_id=name, language="en")
        await teach(sqlite_database, encoder, draft, questions)
    serving = Serving(sqlite_database, [encoder], DecisionOptions())
    async with serving.following():
        yield serving


async def test_a_stored_question_gets_its_answer_with_a_reason(serving: Serving) -> None:
    reply = await serving.respond(Query("How long does delivery take?"))
    assert reply.decision is Decision.ANSWER
    assert reply.answer is not None
    assert reply.answer.answer_id == "shipping-time"
    assert reply.confidence >= SAME_QUESTION_CONFIDENCE
    assert reply.candidates[0].positions[0].position.text == "How long does delivery take?"
    assert sum(candidate.probability for candidate in reply.candidates) <= 1.0 + 1e-6


async def test_what_was_said_before_counts_when_it_is_set_to(
    serving: Serving, sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    history = (Turn(Role.CUSTOMER, "Hello"), Turn(Role.BOT, "How do I return a lamp?"))
    query = Query("and what about that?", history)
    alone = await serving.respond(query)
    assert alone.candidates == (await serving.respond(Query(query.text))).candidates
    looking_back = Serving(sqlite_database, [encoder], DecisionOptions(turn_vector=Recent()))
    async with looking_back.following():
        reply = await looking_back.respond(query)
    returns = [{one.answer.answer_id: one.score for one in found.candidates}["returns"] for found in (alone, reply)]
    assert returns[1] > returns[0] + 0.05


async def test_what_another_process_commits_is_served_without_being_told(
    serving: Serving, sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    draft = AnswerDraft("Nine to five.", "Hours", external_id="hours", language="en")
    await teach(sqlite_database, encoder, draft, ["When are you open?"])
    with anyio.fail_after(PATIENCE_SECONDS):
        while (await serving.respond(Query("When are you open?"))).candidates[0].answer.answer_id != "hours":
            await anyio.sleep(0.02)


async def test_a_retired_answer_is_not_given_any_more(serving: Serving, sqlite_database: Database) -> None:
    async with sqlite_database.writing() as session:
        answer = await answers.by_public_id(session, "returns")
        await answers.set_status(session, answer.id, AnswerStatus.RETIRED)
    await serving.catch_up()
    reply = await serving.respond(Query("Can I send it back?"))
    assert "returns" not in {candidate.answer.answer_id for candidate in reply.candidates}


@pytest.mark.parametrize("changes", [{"status": AnswerStatus.PENDING}, {"personal": True}])
async def test_what_waits_for_approval_or_is_about_one_person_is_never_a_candidate(
    serving: Serving, sqlite_database: Database, encoder: OnnxEncoder, changes: dict[str, object]
) -> None:
    draft = AnswerDraft("Your parcel is at home.", "x", external_id="secret", language="en", **changes)  # type: ignore[arg-type]
    await teach(sqlite_database, encoder, draft, ["Where is mine?"])
    await serving.catch_up()
    reply = await serving.respond(Query("Where is mine?"))
    assert "secret" not in {candidate.answer.answer_id for candidate in reply.candidates}


async def test_a_correction_for_this_very_question_comes_before_the_question_that_an_answer_had(
    serving: Serving, sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    draft = AnswerDraft("By Friday.", "Friday", external_id="friday", language="en")
    await teach(sqlite_database, encoder, draft, ["When will my parcel arrive"], kind="correction")
    await serving.catch_up()
    reply = await serving.respond(Query("When will my parcel arrive?"))
    assert reply.answer is not None
    assert reply.answer.answer_id == "friday"


async def test_chinese_is_answered_by_its_words(
    serving: Serving, sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    refund = AnswerDraft("三天到账。", "退款", external_id="refund.zh", language="zh")
    lamp = AnswerDraft("请重启台灯。", "台灯", external_id="lamp.zh", language="zh")
    await teach(sqlite_database, encoder, refund, ["退款多久到账", "钱什么时候退给我"])
    await teach(sqlite_database, encoder, lamp, ["台灯显示E-17怎么办", "灯不亮了"])
    await serving.catch_up()
    assert (await serving.respond(Query("台灯不亮怎么办"))).candidates[0].answer.answer_id == "lamp.zh"
    assert (await serving.respond(Query("退款什么时候到账"))).candidates[0].answer.answer_id == "refund.zh"


@pytest.mark.parametrize(
    ("text", "why"), [("😀😀", "no_words"), ("?!", "no_words"), ("Где мой заказ?", "unknown_language")]
)
async def test_what_cannot_be_understood_is_said_so(serving: Serving, text: str, why: str) -> None:
    reply = await serving.respond(Query(text))
    assert reply.why == why
    assert reply.decision is not Decision.ANSWER
    assert reply.candidates == ()


async def test_misspelt_and_full_width_words_are_read_as_the_memorys(serving: Serving) -> None:
    clean = await serving.respond(Query("How long does delivery take?"))
    for typed in ("How long does delivrey take?", "\uff28ow long does \uff44elivery take?"):
        assert (await serving.respond(Query(typed))).candidates[0].score == pytest.approx(
            clean.candidates[0].score, abs=1e-4
        )


async def test_an_explained_reply_names_all_that_was_read_and_it_adds_up(serving: Serving) -> None:
    asked = Query("how long does it take to deliver", explain=True)
    reply = await serving.respond(asked)
    for candidate in reply.candidates:
        assert sum(weighted.weight for weighted in candidate.positions) == pytest.approx(1.0, abs=1e-4)
        assert sum(word.weight for word in candidate.words) == pytest.approx(1.0, abs=1e-4)
        best = candidate.positions[0].position.text
        assert [best[word.start : word.end] for word in candidate.words] == [word.text for word in candidate.words]
    plain = await serving.respond(Query(asked.text))
    assert plain.candidates[0].words == ()
    assert plain.confidence == reply.confidence


async def test_a_long_turn_is_read_to_its_end(serving: Serving) -> None:
    beginning = "I have been a customer for years and always liked the shop. " * 30
    short = await serving.respond(Query(beginning))
    long = await serving.respond(Query(beginning + "How long does delivery take? " * 30))
    assert long.candidates[0].score != pytest.approx(short.candidates[0].score, abs=1e-3)


async def test_an_empty_memory_hands_over(sqlite_database: Database, encoder: OnnxEncoder) -> None:
    serving = Serving(sqlite_database, [encoder], DecisionOptions())
    async with serving.following():
        reply = await serving.respond(Query("Hello?"))
    assert (reply.decision, reply.why) == (Decision.HANDOFF, "empty_memory")


async def test_another_collections_answers_are_not_found(serving: Serving) -> None:
    reply = await serving.respond(Query("How long does delivery take?", collection="other"))
    assert reply.why == "empty_memory"


async def test_a_bot_that_accepts_every_wrong_answer_always_answers(
    sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    await teach(sqlite_database, encoder, AnswerDraft("Yes.", "Yes", language="en"), ["Can I send it back?"])
    serving = Serving(sqlite_database, [encoder], DecisionOptions(wrong_per_hundred=100))
    await serving.load()
    reply = await serving.respond(Query("completely different words"))
    serving.close()
    assert reply.decision is Decision.ANSWER


async def test_a_fit_becomes_the_version_that_answers_in_every_process(
    serving: Serving, sqlite_database: Database, encoder: OnnxEncoder
) -> None:
    assert serving.model_version == "v0"
    for number in range(30):
        draft = AnswerDraft(f"Answer {number}.", f"{number}", language="en")
        await teach(sqlite_database, encoder, draft, [f"question {number} one", f"question {number} two"])
    told: list[tuple[int, int]] = []
    version = await learning.refit(sqlite_database, [encoder], "test", lambda done, total: told.append((done, total)))
    await serving.catch_up()
    assert version is not None
    assert serving.model_version == version.name == "v1"
    assert told
    async with sqlite_database.reading() as session:
        (listed,) = await models.every(session)
    assert listed.metrics["en"]["questions"] == 64


async def test_an_answer_with_more_positions_than_are_read_is_fitted_too(encoder: OnnxEncoder) -> None:
    texts = [f"question {number} of many" for number in range(MOST_POSITIONS + 20)]
    item = memory(texts)
    loaded = [Memory(item.answer, item.positions, {encoder.version: encoder.encode(texts)})]
    readers, fits = learning.fit(loaded, [encoder])
    assert fits["en"].questions == MOST_POSITIONS
    assert readers.of("en") == fits["en"].reader


async def test_a_small_memory_is_not_fitted(sqlite_database: Database, encoder: OnnxEncoder) -> None:
    assert await learning.refit(sqlite_database, [encoder], "test") is None


async def test_an_erased_answer_is_found_no_more(serving: Serving, sqlite_database: Database) -> None:
    async with sqlite_database.writing() as session:
        answer = await answers.by_public_id(session, "returns")
        await session.execute(delete(AnswerRow).where(AnswerRow.id == answer.id))
        await changes.record(session, ChangeKind.ANSWER, [answer.id])
    await serving.catch_up()
    reply = await serving.respond(Query("Can I send it back?"))
    assert [candidate.answer.answer_id for candidate in reply.candidates if candidate.answer.id == answer.id] == []
    assert serving.answers == 1


async def test_centres_stay_while_the_memorys_means_are_near_them(
    sqlite_database: Database, encoder_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(encoder_folder, tmp_path / "centred"))
    replace(read_config(folder), centred=True).write(folder)
    encoder = OnnxEncoder(folder)
    draft = AnswerDraft("One.", "1", external_id="one", language="en")
    await teach(sqlite_database, encoder, draft, [f"question {number} of many" for number in range(FEWEST_TO_CENTRE)])
    serving = Serving(sqlite_database, [encoder], DecisionOptions())
    async with serving.following():
        versions = []
        for texts in ([], ["one more question"], ["where is it", "send it back", "how long"] * FEWEST_TO_CENTRE):
            if texts:
                other = AnswerDraft(f"{texts}.", "2", language="en")
                await teach(sqlite_database, encoder, other, [f"{text} {n}" for n, text in enumerate(texts)])
            await learning.refit(sqlite_database, [encoder], "test")
            await serving.settle()
            versions.append(serving._serving.retriever.active.readers.centring)
    assert versions[0] == versions[1] != versions[2]
