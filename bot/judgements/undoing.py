"""A decision taken back: every position, vote and answer is again as it was before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.judgements import curation, passages
from bot.judgements.correction import CorrectionError
from bot.judgements.passages import Passages
from bot.service import Service
from bot.turns import judged_turn
from knowledge_base import answers, audit, feedback, positions
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.errors import DecisionUndoneError, FeedbackNotFoundError, MessageNotFoundError
from knowledge_base.feedback import Vote
from knowledge_base.positions import Preferred
from knowledge_base.reviews import clusters, decisions, queue
from knowledge_base.reviews.decisions import Decision
from weaver_core.dialogue import PositionKind


@dataclass(slots=True)
class Journal:
    """What takes a decision back, written while it is carried out: ids and numbers, and the company's own words.

    Customers' words are in none of it: what was dropped is made again from the judgement that had written it.
    """

    added: list[UUID] = field(default_factory=list[UUID])
    _raised: dict[str, float] = field(default_factory=dict[str, float])
    _silenced: list[str] = field(default_factory=list[str])
    _dropped: list[list[str]] = field(default_factory=list[list[str]])
    _votes: list[list[str | None]] = field(default_factory=list[list[str | None]])
    _answer: dict[str, Any] = field(default_factory=dict[str, Any])
    _edit: dict[str, Any] = field(default_factory=dict[str, Any])

    def made_way(self, changed: Preferred) -> None:
        """What made way for a correction."""
        for key, trust in changed.raised.items():
            self._raised.setdefault(str(key), trust)
        self._silenced += [str(key) for key in changed.silenced]
        self._dropped += [[str(owner), str(judgement)] for owner, judgement in changed.dropped if judgement]

    def voted(self, message_id: UUID, before: str | None) -> None:
        """A vote that the reviewer gave, and what they had said of the message before."""
        self._votes.append([str(message_id), before])

    def answer(self, answer_id: UUID, before: str | None, after: str) -> None:
        """The status of the answer that was taught; None before for one that was written just now."""
        if before != after:
            self._answer = {"id": str(answer_id), "before": before, "after": after}

    def edited(self, before: Answer, after: Answer, *, had_sentences: bool) -> None:
        """The words that an answer had and has."""
        self._edit = {
            "id": str(before.id),
            "before": [before.title, before.text],
            "after": [after.title, after.text],
            "sentences": had_sentences,
        }

    def to_json(self) -> dict[str, Any]:
        """The journal as it is stored."""
        return {
            "added": [str(key) for key in self.added],
            "raised": self._raised,
            "silenced": self._silenced,
            "dropped": self._dropped,
            "votes": self._votes,
            "answer": self._answer,
            "edit": self._edit,
        }


@dataclass(frozen=True, slots=True)
class _Again:
    """A correction that had made way, to be stored again: whose it is, who wrote it, its passages."""

    answer_id: UUID
    written: Passages


async def undo(service: Service, decision_id: UUID, author: str) -> list[UUID]:
    """Take a decision back, all of it or nothing. Returns the judgements that wait again.

    Raises DecisionNotFoundError, DecisionUndoneError, CorrectionError when an answer that it gave new words was
    edited since.
    """
    async with service.database.reading() as session:
        decision = await decisions.get(session, decision_id)
    if decision.undone_by is not None:
        raise DecisionUndoneError(decision.undone_by)
    again = [one for pair in decision.undo["dropped"] if (one := await _dropped(service, pair)) is not None]
    words = decision.undo["edit"].get("before", ["", ""])[1] if decision.undo["edit"].get("sentences") else ""
    sentences = await passages.encode(service.serving, passages.sentences_of(words))
    async with service.database.writing() as session:
        await decisions.close(session, decision_id, author)
        reopened = await _reopen(session, decision, author)
        await _restore_memory(session, decision.undo, again)
        await _restore_answers(session, decision.undo, sentences, author)
    await service.serving.catch_up()
    return reopened


async def _dropped(service: Service, pair: Sequence[str]) -> _Again | None:
    """A correction that had made way, as its judgement would write it again; None when that is erased."""
    answer_id, feedback_id = UUID(pair[0]), UUID(pair[1])
    try:
        async with service.database.reading() as session:
            held = await feedback.get(session, feedback_id)
        judged = await judged_turn.read(service.database, service.settings.company_contacts, held.message_id)
    except (FeedbackNotFoundError, MessageNotFoundError):
        return None
    drafts = passages.corrections_of(judged.question, judged.turn_id)
    return _Again(answer_id, (await passages.encode(service.serving, drafts)).of_judgement(feedback_id))


async def _reopen(session: AsyncSession, decision: Decision, author: str) -> list[UUID]:
    reopened: list[UUID] = []
    touched: set[UUID] = set()
    for held in await decisions.decided_by(session, decision.id):
        await feedback.reopen(session, held.id)
        details = {"decision_id": str(decision.id), "kind": decision.kind, "before": decision.kind, "after": "open"}
        await audit.record(session, author, "undo", str(held.id), **details)
        reopened.append(held.id)
        key = await queue.key_of(session, held.id)
        if key is not None and key not in touched:
            touched.add(key)
            await clusters.touch(session, key, None, author)
    for message_id, before in decision.undo["votes"]:
        await feedback.withdraw(session, UUID(message_id), decision.actor)
        if before is not None:
            await feedback.record(session, Vote(UUID(message_id), before, decision.actor, "reviewer"))
    return reopened


async def _restore_memory(session: AsyncSession, undo: dict[str, Any], again: Sequence[_Again]) -> None:
    changed = Preferred(
        losers=(),
        raised={UUID(key): trust for key, trust in undo["raised"].items()},
        silenced=tuple(UUID(key) for key in undo["silenced"]),
        dropped=(),
    )
    await positions.make_way_no_more(session, changed, [UUID(key) for key in undo["added"]])
    for one in again:
        await passages.store(session, one.answer_id, one.written)


async def _restore_answers(session: AsyncSession, undo: dict[str, Any], sentences: Passages, author: str) -> None:
    edit, status = undo["edit"], undo["answer"]
    if edit:
        answer = await answers.get(session, UUID(edit["id"]))
        if [answer.title, answer.text] != edit["after"]:
            raise CorrectionError(f"The answer {answer.answer_id} was edited since; give it the words it should have.")
        await curation.reword(session, answer, edit["before"][0], edit["before"][1], author)
        await curation.replace_sentences(session, answer, sentences)
    if status:
        answer = await answers.get(session, UUID(status["id"]))
        if answer.status.value == status["after"]:
            before = AnswerStatus(status["before"]) if status["before"] else await _left(session, answer)
            await answers.set_status(session, answer.id, before)


async def _left(session: AsyncSession, answer: Answer) -> AnswerStatus:
    """What an answer is that was written for the decision: out of service, unless it was taught something since."""
    rest = await positions.of_answer(session, answer.id)
    alone = all(position.kind is PositionKind.SENTENCE for position in rest)
    return AnswerStatus.RETIRED if alone else answer.status
