"""One decision for all failures that are one problem: carried out at once or not at all, and taken back exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.judgements import curation, passages
from bot.judgements.correction import CorrectionError, RightAnswer, right_answer
from bot.judgements.passages import Passages
from bot.judgements.undoing import Journal
from bot.judgements.verdict import Edit, Verdict, VerdictKind
from bot.service import Service
from bot.turns import judged_turn
from bot.turns.judged_turn import JudgedTurn
from knowledge_base import answers, audit, feedback, positions
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.errors import AnswerChangedError, AnswerRetiredError, FeedbackNotFoundError, FeedbackResolvedError
from knowledge_base.feedback import CORRECTED, DISMISSED, UP, UPHELD, Feedback, Resolution, Vote
from knowledge_base.positions import PositionDraft
from knowledge_base.reviews import clusters, decisions, queue
from weaver_core.texts.normalization import clean, has_words

# Judgements that one decision may close: it is one transaction, and chat waits for nobody.
MOST_AT_ONCE = 500

Seen = Mapping[UUID, int | None]
"""Judgements, one of each cluster, with the version of it that the reviewer saw; None does not look."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was carried out: its id, the judgements that it closed, and the answer that it taught."""

    id: UUID
    feedback_ids: tuple[UUID, ...]
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class _Case:
    """One judgement with its turn and, when the decision teaches, the question as passages."""

    held: Feedback
    judged: JudgedTurn
    asked: tuple[PositionDraft, ...]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """All that a decision needs, made before its transaction. The questions are by judgement."""

    cases: tuple[_Case, ...]
    keys: Mapping[UUID, int | None]
    questions: Mapping[UUID, Passages]
    sentences: Passages


async def decide(service: Service, seen: Seen, verdict: Verdict, author: str) -> Decided:
    """Decide on the clusters of these judgements, all at once or not at all; served from the next turn on.

    Raises FeedbackNotFoundError, FeedbackResolvedError, ClusterChangedError, AnswerNotFoundError, AnswerExistsError,
    AnswerChangedError, AnswerRetiredError, CorrectionError.
    """
    prepared = await _prepare(service, seen, verdict)
    decision_id = decisions.new_decision_id()
    journal = Journal()
    async with service.database.writing() as session:
        for key, version in prepared.keys.items():
            await clusters.touch(session, key, version, author)
        answer = await _carry_out(session, prepared, verdict, _Hand(author, decision_id, journal))
        await decisions.record(session, decision_id, verdict.kind.value, author, journal.to_json())
        closed = tuple(case.held.id for case in prepared.cases)
        details = {
            "decision_id": str(decision_id),
            "judgements": len(closed),
            "before": "open",
            "after": verdict.kind.value,
        }
        for case in prepared.cases:
            named = {"answer_id": answer.answer_id} if answer else {}
            await audit.record(session, author, verdict.kind.value, str(case.held.id), **details, **named)
    await service.serving.catch_up()
    return Decided(decision_id, closed, answer)


@dataclass(frozen=True, slots=True)
class _Hand:
    """Whose hand carries a decision out, and where it is written down what takes it back."""

    author: str
    decision_id: UUID
    journal: Journal


async def _prepare(service: Service, seen: Seen, verdict: Verdict) -> _Prepared:
    async with service.database.reading() as session:
        keys, waiting = await _waiting(session, seen)
    turns = {
        message_id: await judged_turn.read(service.database, service.settings.company_contacts, message_id)
        for message_id in {held.message_id for held in waiting}
    }
    teaches = verdict.kind in (VerdictKind.CORRECT, VerdictKind.EDIT)
    cases = [
        _Case(held, turn, tuple(passages.corrections_of(turn.question, turn.turn_id)) if _asks(turn, teaches) else ())
        for held in waiting
        for turn in (turns[held.message_id],)
    ]
    if teaches and not any(case.asked for case in cases):
        raise CorrectionError("The customer's message has no words that an answer could be found by.")
    # The same words are encoded and stored once.
    first: dict[str, _Case] = {}
    for case in cases:
        if case.asked:
            first.setdefault(case.judged.question.casefold(), case)
    questions = {case.held.id: await passages.encode(service.serving, case.asked) for case in first.values()}
    words = verdict.edit.text if verdict.edit else (verdict.right.text or "") if verdict.right else ""
    sentences = await passages.encode(service.serving, passages.sentences_of(clean(words).text))
    return _Prepared(tuple(cases), keys, questions, sentences)


async def _waiting(session: AsyncSession, seen: Seen) -> tuple[dict[UUID, int | None], list[Feedback]]:
    keys: dict[UUID, int | None] = {}
    waiting: dict[UUID, Feedback] = {}
    for feedback_id, version in seen.items():
        key = await queue.key_of(session, feedback_id)
        if key is None:
            raise FeedbackNotFoundError(feedback_id)
        held = await feedback.get(session, feedback_id)
        if held.state != feedback.OPEN:
            raise FeedbackResolvedError(held.resolved_by or "Somebody")
        keys[key] = version
        waiting |= {held.id: held} | {one.id: one for one in await queue.open_of(session, key)}
    if len(waiting) > MOST_AT_ONCE:
        raise CorrectionError(f"These are {len(waiting)} judgements; decide on {MOST_AT_ONCE} at most at once.")
    return keys, sorted(waiting.values(), key=lambda held: held.id)


def _asks(turn: JudgedTurn, teaches: bool) -> bool:  # noqa: FBT001 - whether anything is to be taught at all
    return teaches and has_words(turn.question)


async def _carry_out(session: AsyncSession, prepared: _Prepared, verdict: Verdict, hand: _Hand) -> Answer | None:
    match verdict.kind:
        case VerdictKind.REJECT:
            for case in prepared.cases:
                await feedback.resolve(
                    session, case.held.id, Resolution(DISMISSED, hand.author, None, hand.decision_id)
                )
            return None
        case VerdictKind.APPROVE:
            for case in prepared.cases:
                await _uphold(session, case, hand)
            return None
        case _ if verdict.edit is not None:
            answer = await _edited(session, prepared, verdict.edit, hand)
            return await _teach(session, prepared, answer, hand, None)
        case _:
            right = verdict.right or RightAnswer()
            answer = await _chosen(session, prepared, right, hand)
            return await _teach(session, prepared, answer, hand, right)


async def _uphold(session: AsyncSession, case: _Case, hand: _Hand) -> None:
    """The answer that was shown was right: that is a vote for it."""
    message = case.judged.message
    if message.answer is None:
        raise CorrectionError("The bot gave no answer there that could have been right.")
    await feedback.resolve(session, case.held.id, Resolution(UPHELD, hand.author, message.answer.id, hand.decision_id))
    if case.held.rater != hand.author:
        before = await feedback.of_rater(session, message.id, hand.author)
        hand.journal.voted(message.id, before.rating if before else None)
        await feedback.record(session, Vote(message.id, UP, hand.author, "reviewer"))


async def _chosen(session: AsyncSession, prepared: _Prepared, right: RightAnswer, hand: _Hand) -> Answer:
    """The right answer, whose status may be new; one that was written just now has its sentences."""
    first = prepared.cases[0].judged
    before: Answer | None
    if right.answer_id is not None:
        before = await answers.by_public_id(session, right.answer_id)
    else:
        before = await answers.by_merge_key(session, answers.merge_key(first.collection, clean(right.text or "").text))
    answer = await right_answer(session, right, first, hand.author)
    for case in prepared.cases[1:]:
        # Each has its own language and collection, which the answer must fit.
        await right_answer(session, RightAnswer(answer.answer_id), case.judged, hand.author)
    hand.journal.answer(answer.id, None if before is None else before.status.value, answer.status.value)
    if right.text is not None:
        hand.journal.added += await passages.store(session, answer.id, prepared.sentences)
    return answer


async def _edited(session: AsyncSession, prepared: _Prepared, edit: Edit, hand: _Hand) -> Answer:
    """An existing answer with new words, unless somebody has changed or retired it since the reviewer saw it."""
    answer = await answers.by_public_id(session, edit.answer_id)
    wordings = await answers.revisions(session, answer.id)
    if answer.status is AnswerStatus.RETIRED:
        raise AnswerRetiredError(answer.answer_id)
    if wordings and wordings[0].number != edit.revision:
        raise AnswerChangedError(answer.answer_id, wordings[0].author)
    text = clean(edit.text).text
    if not has_words(text):
        raise CorrectionError("The new text of the answer has no words.")
    rest = await positions.of_answer(session, answer.id)
    title = curation.one_line(edit.title) or answers.title_of(text)
    after = await curation.reword(session, answer, title, text, hand.author)
    hand.journal.edited(answer, after, had_sentences=any(one.kind.value == "sentence" for one in rest))
    await curation.replace_sentences(session, answer, prepared.sentences)
    checked = await right_answer(session, RightAnswer(answer.answer_id), prepared.cases[0].judged, hand.author)
    hand.journal.answer(answer.id, answer.status.value, checked.status.value)
    return checked


async def _teach(
    session: AsyncSession, prepared: _Prepared, answer: Answer, hand: _Hand, right: RightAnswer | None
) -> Answer:
    """Let every question of the cluster lead to the answer; where it was shown already, that was right."""
    for case in prepared.cases:
        if right is not None and right.is_shown_by(case.judged.message):
            await _uphold(session, case, hand)
            continue
        await feedback.resolve(session, case.held.id, Resolution(CORRECTED, hand.author, answer.id, hand.decision_id))
        written = prepared.questions.get(case.held.id)
        if written is None:
            continue
        hand.journal.made_way(await positions.prefer(session, answer.id, [draft.text for draft in written.drafts]))
        hand.journal.added += await passages.store(session, answer.id, written.of_judgement(case.held.id))
    return answer
