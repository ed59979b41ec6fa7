"""A reviewer's correction: stored at once, served on the next turn, taken back without a trace."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from bot.app import open_service
from bot.judgements import curation
from bot.judgements.correction import CorrectionError, RightAnswer, correct, dismiss, undo
from bot.judgements.passages import encode, sentences_of, store
from bot.reply import Query
from bot.service import Service
from bot.settings import Settings
from knowledge_base import answers, audit, conversations, feedback, keys, messages, positions
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.conversations import Opening
from knowledge_base.errors import AnswerNotFoundError, FeedbackResolvedError, MessageNotFoundError
from knowledge_base.feedback import Feedback, Vote
from knowledge_base.messages import Message
from knowledge_base.positions import Position, PositionDraft
from tests.bot.script import Script
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio

WRONG, RIGHT = "Parcels take three days.", "You can return it within 30 days."
QUESTION = "my boots are too small what now"


@dataclass(frozen=True, slots=True)
class House:
    """A running service with two answers, of which it always gives the first."""

    service: Service
    wrong: Answer
    right: Answer

    async def ask(self, text: str = QUESTION, collection: str = "default") -> Message:
        """What the bot says to a customer's message."""
        async with self.service.database.writing() as session:
            conversation = await conversations.open_conversation(session, Opening(collection=collection))
        posted = await self.service.turns.post_message(conversation.id, "c1", text)
        return (await self.service.turns.replies_to(posted.message))[0]

    async def down(self, message: Message) -> Feedback:
        """A customer's thumb down."""
        async with self.service.database.writing() as session:
            return await feedback.record(session, Vote(message.id, "down", f"visitor:{message.id}", "visitor"))

    async def best(self, text: str = QUESTION) -> str:
        """The answer that the model itself puts first now."""
        reply = await self.service.serving.respond(Query(text))
        return reply.candidates[0].answer.text

    async def memory(self, answer_id: UUID) -> list[Position]:
        """An answer's passages."""
        async with self.service.database.reading() as session:
            return await positions.of_answer(session, answer_id)

    async def corrections(self, answer_id: UUID) -> list[str]:
        """The corrections in an answer's memory."""
        return [one.text for one in await self.memory(answer_id) if one.kind is PositionKind.CORRECTION]


OpenHouse = Callable[[], AbstractAsyncContextManager[House]]


@pytest.fixture
def house(database_url: str, encoder: OnnxEncoder, tmp_path: Path) -> OpenHouse:
    """Opens the house, on both engines."""
    settings = Settings(home=tmp_path, database_url=database_url, wrong_per_hundred=100)
    return partial(_open, settings, encoder)


@asynccontextmanager
async def _open(settings: Settings, encoder: OnnxEncoder) -> AsyncIterator[House]:
    script = Script([])
    async with open_service(settings, [encoder], script.respond) as service:
        wrong = await _store(service, WRONG, "How long does delivery take?", "shipping-time")
        right = await _store(service, RIGHT, "Can I send it back?", "returns")
        script.answers.append(wrong)
        await service.serving.catch_up()
        yield House(service, wrong, right)


async def _store(service: Service, text: str, question: str, name: str | None = None) -> Answer:
    return await _store_draft(service, AnswerDraft(text, question, external_id=name, language="en"))


async def _store_draft(service: Service, draft: AnswerDraft) -> Answer:
    """An answer whose title is its one past question."""
    drafts = [PositionDraft(PositionKind.QUESTION, draft.title), *sentences_of(draft.text)]
    encoded = await encode(service.serving, drafts)
    async with service.database.writing() as session:
        answer = await answers.create(session, draft, "test")
        await store(session, answer.id, encoded)
    return answer


async def test_the_next_turn_like_the_judged_one_gets_the_chosen_answer(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask()
        judgement = await at.down(message)
        answer = await correct(at.service, message.id, RightAnswer("returns"), "rhea", judgement.id)
        assert answer.id == at.right.id
        assert await at.best() == RIGHT
        assert await at.corrections(at.right.id) == [QUESTION]
        async with at.service.database.reading() as session:
            decided = await feedback.get(session, judgement.id)
            assert await keys.count_missing(session, at.service.serving.encoders[0].version) == 0
            actions = [entry.action for entry in await audit.newest(session)]
        assert (decided.state, decided.resolution, decided.resolved_by) == ("resolved", "corrected", "rhea")
        assert decided.resolved_answer_id == at.right.id
        assert "correct" in actions


async def test_a_written_answer_is_approved_at_once_and_found_by_its_own_words_too(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask()
        text = "Boots can be exchanged for another size. We pay the postage."
        answer = await correct(at.service, message.id, RightAnswer(text=text, title="Another size"), "rhea")
        kinds = [(one.kind, one.text) for one in await at.memory(answer.id)]
        assert (answer.status, answer.origin, answer.title) == (AnswerStatus.APPROVED, "reviewer", "Another size")
        assert kinds == [
            (PositionKind.CORRECTION, QUESTION),
            (PositionKind.SENTENCE, "Boots can be exchanged for another size."),
            (PositionKind.SENTENCE, "We pay the postage."),
        ]
        assert await at.best() == text


async def test_words_that_an_answer_has_already_make_no_second_one(house: OpenHouse) -> None:
    async with house() as at:
        held = await _store(at.service, "We are closed on Sunday.", "When are you open?")
        await curation.retire(at.service, held.answer_id, "rhea")
        message = await at.ask()
        answer = await correct(at.service, message.id, RightAnswer(text=" We are closed  on Sunday. "), "rhea")
        assert (answer.id, answer.status) == (held.id, AnswerStatus.APPROVED)


async def test_a_written_answer_without_a_title_is_called_by_the_masked_question(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask("where is it? write to maria.keller@example.com")
        answer = await correct(at.service, message.id, RightAnswer(text="It is on its way."), "rhea")
        stored = [one.text for one in await at.memory(answer.id)] + [answer.title]
        assert not [text for text in stored if "maria" in text]


async def test_a_title_is_made_of_the_answer_where_the_question_could_be_one_customer_s_alone(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask("why did oksana get mine and not i?")
        answer = await correct(at.service, message.id, RightAnswer(text="Neighbours may take a parcel in."), "rhea")
        assert answer.title == "Neighbours may take a parcel in."
        message = await at.ask("may my neighbours take a parcel in?")
        answer = await correct(at.service, message.id, RightAnswer(text="They may, if they sign for it."), "rhea")
        assert answer.title == "may my neighbours take a parcel in?"


async def test_a_personal_answer_in_a_reviewer_s_words_is_the_company_s_own(house: OpenHouse) -> None:
    async with house() as at:
        draft = AnswerDraft("Ask for ‹name› at the desk.", "Whom do I ask?", origin="dialogue", personal=True)
        answer_id = (await _store_draft(at.service, draft)).answer_id
        still = await curation.change(
            at.service, answer_id, curation.Change(text="Do ask for ‹name› at the desk."), "rhea"
        )
        assert still.personal
        assert not (
            await curation.change(at.service, answer_id, curation.Change(text="Ask at the desk."), "rhea")
        ).personal
        assert "Ask at the desk." in [
            candidate.answer.text
            for candidate in (await at.service.serving.respond(Query("Whom do I ask?"))).candidates
        ]


async def test_a_correction_equal_to_what_was_shown_is_a_vote_for_it(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask()
        judgement = await at.down(message)
        await correct(at.service, message.id, RightAnswer(text=f"  {WRONG}"), "rhea", judgement.id)
        async with at.service.database.reading() as session:
            assert (await feedback.count(session)) == {"up": 1, "down": 1, "open": 0}
            assert (await feedback.get(session, judgement.id)).resolution == "upheld"
        assert await at.corrections(at.wrong.id) == []


async def test_the_newest_of_two_corrections_of_one_question_counts(house: OpenHouse) -> None:
    async with house() as at:
        third = await _store(at.service, "Ask the shoemaker.", "Who mends shoes?")
        first, second = await at.ask(), await at.ask(QUESTION.upper())
        await correct(at.service, first.id, RightAnswer(third.answer_id), "ada")
        assert await at.best() == "Ask the shoemaker."
        await correct(at.service, second.id, RightAnswer("returns"), "rhea")
        assert await at.corrections(third.id) == []
        assert await at.best() == RIGHT


async def test_a_reviewer_who_changes_their_mind_leaves_one_correction(house: OpenHouse) -> None:
    async with house() as at:
        third = await _store(at.service, "Ask the shoemaker.", "Who mends shoes?")
        message = await at.ask()
        await correct(at.service, message.id, RightAnswer(third.answer_id), "rhea")
        await correct(at.service, message.id, RightAnswer("returns"), "rhea")
        assert await at.corrections(third.id) == []
        assert await at.corrections(at.right.id) == [QUESTION]


async def test_a_correction_wins_over_the_wrong_answers_own_question_until_it_is_undone(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask("How long does delivery take?")
        judgement = await at.down(message)
        await correct(at.service, message.id, RightAnswer("returns"), "rhea", judgement.id)
        assert await at.best("How long does delivery take?") == RIGHT
        await undo(at.service, judgement.id, "rhea")
        assert await at.best("How long does delivery take?") == WRONG
        assert {one.trust for one in await at.memory(at.wrong.id)} == {0.0}


async def test_a_long_question_is_taught_whole_and_in_passages_and_forgotten_so(house: OpenHouse) -> None:
    mail = " ".join(f"My boots of pair {number} are too small and they hurt me." for number in range(20))
    async with house() as at:
        third = await _store(at.service, "Ask the shoemaker.", "Who mends shoes?")
        first, second = await at.ask(mail), await at.ask(mail.lower())
        await correct(at.service, first.id, RightAnswer(third.answer_id), "ada")
        taught = await at.corrections(third.id)
        assert taught[0] == mail
        assert len(taught) > 2
        judgement = await at.down(second)
        await correct(at.service, second.id, RightAnswer("returns"), "rhea", judgement.id)
        assert await at.corrections(third.id) == []
        assert await at.best(mail) == RIGHT
        await undo(at.service, judgement.id, "rhea")
        assert await at.corrections(at.right.id) == []


async def test_undo_forgets_what_was_taught_and_the_judgement_waits_again(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask()
        judgement = await at.down(message)
        written = await correct(
            at.service, message.id, RightAnswer(text="Boots can be exchanged."), "rhea", judgement.id
        )
        reopened = await undo(at.service, judgement.id, "rhea")
        assert (reopened.state, reopened.resolution) == ("open", None)
        assert await at.best() != "Boots can be exchanged."
        async with at.service.database.reading() as session:
            assert (await answers.get(session, written.id)).status is AnswerStatus.RETIRED


async def test_undoing_a_vote_for_the_answer_withdraws_it(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask()
        judgement = await at.down(message)
        await correct(at.service, message.id, RightAnswer("shipping-time"), "rhea", judgement.id)
        await undo(at.service, judgement.id, "rhea")
        async with at.service.database.reading() as session:
            assert (await feedback.count(session)) == {"up": 0, "down": 1, "open": 1}


async def test_of_two_reviewers_the_second_is_told_and_nothing_of_theirs_is_stored(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask()
        judgement = await at.down(message)
        await correct(at.service, message.id, RightAnswer("returns"), "rhea", judgement.id)
        with pytest.raises(FeedbackResolvedError, match="rhea"):
            await correct(at.service, message.id, RightAnswer(text="Something else."), "ruth", judgement.id)
        with pytest.raises(FeedbackResolvedError, match="rhea"):
            await dismiss(at.service, judgement.id, "ruth")
        async with at.service.database.reading() as session:
            assert await answers.find(session, "Something else") == []
        assert await at.best() == RIGHT


async def test_an_answer_that_the_bot_may_not_send_is_refused_and_nothing_is_stored(house: OpenHouse) -> None:
    async with house() as at:
        await curation.retire(at.service, "returns", "rhea")
        personal = await _store_draft(at.service, AnswerDraft("Dear Maria, hello.", "hello", personal=True))
        elsewhere = await _store_draft(at.service, AnswerDraft("For traders only.", "bulk", collection="trade"))
        chinese = await _store_draft(at.service, AnswerDraft("可以退货。", "退货", language="zh"))
        message = await at.ask()
        for name in ("returns", personal.answer_id, elsewhere.answer_id, chinese.answer_id):
            with pytest.raises(CorrectionError, match=name):
                await correct(at.service, message.id, RightAnswer(name), "rhea")
        async with at.service.database.reading() as session:
            assert (await feedback.count(session))["down"] == 0


async def test_a_pending_answer_that_a_reviewer_chooses_is_approved_by_that(house: OpenHouse) -> None:
    async with house() as at:
        pending = await _store_draft(
            at.service, AnswerDraft("Ask the shoemaker.", "Who mends shoes?", status=AnswerStatus.PENDING)
        )
        message = await at.ask()
        chosen = await correct(at.service, message.id, RightAnswer(pending.answer_id), "rhea")
        assert chosen.status is AnswerStatus.APPROVED
        assert await at.best() == "Ask the shoemaker."


async def test_an_answer_written_in_another_language_than_the_question_is_served_all_the_same(house: OpenHouse) -> None:
    async with house() as at:
        message = await at.ask("靴子太小了怎么办")
        await correct(at.service, message.id, RightAnswer(text="Boots can be exchanged."), "rhea")
        assert await at.best("靴子太小了怎么办") == "Boots can be exchanged."


async def test_what_cannot_be_corrected_is_said_in_one_sentence(house: OpenHouse) -> None:
    with pytest.raises(CorrectionError, match="either"):
        RightAnswer("returns", "both")
    with pytest.raises(CorrectionError, match="either"):
        RightAnswer()
    with pytest.raises(CorrectionError, match="no words"):
        RightAnswer(text=" !!! ")
    async with house() as at:
        message, wordless = await at.ask(), await at.ask("??!")
        with pytest.raises(CorrectionError, match="no words"):
            await correct(at.service, wordless.id, RightAnswer("returns"), "rhea")
        with pytest.raises(AnswerNotFoundError, match="nothing-like-it"):
            await correct(at.service, message.id, RightAnswer("nothing-like-it"), "rhea")
        with pytest.raises(CorrectionError, match="another message"):
            await correct(at.service, message.id, RightAnswer("returns"), "rhea", (await at.down(wordless)).id)
        async with at.service.database.reading() as session:
            asked = await messages.at(session, message.conversation_id, 1)
        with pytest.raises(MessageNotFoundError):
            await correct(at.service, asked.id, RightAnswer("returns"), "rhea")


async def test_new_words_of_an_answer_are_what_it_is_found_by(house: OpenHouse) -> None:
    async with house() as at:
        await curation.revise(at.service, "returns", "Sending back", "Bring the boots to the harbour office.", "rhea")
        assert await at.best("bring the boots to the harbour office") == "Bring the boots to the harbour office."
        sentences = [one.text for one in await at.memory(at.right.id) if one.kind is PositionKind.SENTENCE]
        assert sentences == ["Bring the boots to the harbour office."]
        async with at.service.database.reading() as session:
            assert await keys.count_missing(session, at.service.serving.encoders[0].version) == 0


async def test_a_retired_answer_is_not_served_until_it_is_approved_again(house: OpenHouse) -> None:
    async with house() as at:
        await curation.retire(at.service, "shipping-time", "rhea")
        assert await at.best("How long does delivery take?") == RIGHT
        await curation.approve(at.service, "shipping-time", "rhea")
        assert await at.best("How long does delivery take?") == WRONG
