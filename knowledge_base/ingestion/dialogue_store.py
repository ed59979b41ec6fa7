"""Past dialogues into the memory: their turns, masked, and what was mined from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answer_pairs, changes
from knowledge_base.answers import AnswerDraft, AnswerStatus, merge_key
from knowledge_base.changes import ChangeKind
from knowledge_base.identifiers import new_id
from knowledge_base.ingestion import known_dialogues, mining, passages
from knowledge_base.ingestion.known_dialogues import Known, screen
from knowledge_base.ingestion.mining import Mined, Pair
from knowledge_base.ingestion.outcome import Fate, Outcome
from knowledge_base.ingestion.past_dialogues import DialogueLine
from knowledge_base.ingestion.rows import NewAnswer, insert_answers, insert_positions
from knowledge_base.positions import PositionDraft
from knowledge_base.privacy import seen
from knowledge_base.tables import MINED, AnswerRow, DialogueRow, TurnRow
from knowledge_base.tables.base import now
from weaver_core.dialogue import PositionKind
from weaver_core.texts import language


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where the dialogues of one import come from, where they go, and how far their answers may be sent."""

    source: str
    collection: str
    status: AnswerStatus


@dataclass(slots=True)
class _Batch:
    """What a batch will write."""

    answers: dict[str, UUID]
    dialogues: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    turns: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    new: list[NewAnswer] = field(default_factory=list[NewAnswer])
    drafts: dict[UUID, list[PositionDraft]] = field(default_factory=dict[UUID, list[PositionDraft]])


@dataclass(frozen=True, slots=True)
class _Held:
    """A dialogue's id, and those of its turns that are stored, in their order."""

    id: UUID
    turn_ids: list[UUID]


async def store(session: AsyncSession, mined: Sequence[tuple[DialogueLine, Mined]], belonging: Belonging) -> Outcome:
    """Write a batch of dialogues and their pairs in the session's transaction."""
    outcome = Outcome()
    known = await known_dialogues.find(session, belonging.source, [line.dialogue.external_id for line, _ in mined])
    before = dict(known)
    # Another import may have stored one of them since they were screened.
    new = {line.number for line in screen([line for line, _ in mined], known, outcome)}
    kept = [(line, found) for line, found in mined if line.number in new]
    batch = _Batch(await _known_answers(session, belonging.collection, [found for _, found in kept]))
    for line, found in kept:
        stored_before = before.get(line.dialogue.external_id)
        grown = None if stored_before is None else await _grow(session, stored_before, line, found)
        _place(line, found, belonging, batch, grown)
        outcome.fates.append(Fate.UPDATED if grown else Fate.NEW)
    if batch.dialogues:
        await session.execute(insert(DialogueRow), batch.dialogues)
    if batch.turns:
        await session.execute(insert(TurnRow), batch.turns)
    await seen.note(session, _told(kept))
    await insert_answers(session, batch.new)
    stored = await insert_positions(session, batch.drafts, [answer.id for answer in batch.new])
    touched = {answer_id for answer_id, _ in stored} | {answer.id for answer in batch.new}
    await changes.record(session, ChangeKind.ANSWER, sorted(touched))
    outcome.mined = sum(len(found.pairs) for _, found in kept)
    outcome.helped = sum(pair.helped is True for _, found in kept for pair in found.pairs)
    outcome.personal = sum(answer.draft.personal for answer in batch.new)
    outcome.pending = len(batch.new) if belonging.status is AnswerStatus.PENDING else 0
    return outcome


def _told(kept: Sequence[tuple[DialogueLine, Mined]]) -> dict[str, set[str]]:
    """What each customer said or was told, for one customer may have several dialogues."""
    told: dict[str, set[str]] = {}
    for line, found in kept:
        owner = seen.owner_of(line.dialogue.customer, line.dialogue.external_id)
        told.setdefault(owner, set()).update(found.particulars)
    return told


async def _known_answers(session: AsyncSession, collection: str, mined: Sequence[Mined]) -> dict[str, UUID]:
    keys = {merge_key(collection, pair.answer) for found in mined for pair in found.pairs}
    query = select(AnswerRow.merge_key, AnswerRow.id).where(AnswerRow.merge_key.in_(keys))
    known = {key: answer_id for key, answer_id in await session.execute(query) if key is not None}
    merged = await answer_pairs.merged_into(session, list(known.values()))
    return {key: merged.get(answer_id, answer_id) for key, answer_id in known.items()}


async def _grow(session: AsyncSession, known: Known, line: DialogueLine, found: Mined) -> _Held:
    """Bring a stored dialogue to what its line says of it now, but for its new turns."""
    dialogue = line.dialogue
    facts = {name: getattr(dialogue, name) for name in ("customer", "channel", "language", "resolved")}
    told = update(DialogueRow).where(DialogueRow.id == known.id).values(content_hash=line.content_hash, **facts)
    await session.execute(told)
    query = select(TurnRow).where(TurnRow.dialogue_id == known.id).order_by(TurnRow.ordinal)
    rows = (await session.execute(query)).scalars().all()
    for row, turn in zip(rows, found.turns, strict=False):
        # A name that is said only later masks what stands before it.
        row.text = turn.text
    await session.flush()
    return _Held(rows[0].dialogue_id, [row.id for row in rows])


def _place(line: DialogueLine, found: Mined, belonging: Belonging, batch: _Batch, grown: _Held | None) -> None:
    held = grown or _place_dialogue(line, belonging, batch)
    turn_ids = [*held.turn_ids, *(new_id() for _ in found.turns[len(held.turn_ids) :])]
    batch.turns += [
        {
            "id": turn_id,
            "dialogue_id": held.id,
            "ordinal": ordinal,
            "role": turn.role.value,
            "text": turn.text,
            "at": turn.at,
        }
        for ordinal, (turn_id, turn) in enumerate(zip(turn_ids, found.turns, strict=True), start=1)
        if ordinal > len(held.turn_ids)
    ]
    for pair in found.pairs:
        key = merge_key(belonging.collection, pair.answer)
        if key not in batch.answers:
            batch.answers[key] = new_id()
            batch.new.append(NewAnswer(batch.answers[key], _draft(line, pair, belonging)))
        batch.drafts.setdefault(batch.answers[key], []).extend(_passages(line, pair, turn_ids[pair.turn]))


def _place_dialogue(line: DialogueLine, belonging: Belonging, batch: _Batch) -> _Held:
    dialogue, dialogue_id = line.dialogue, new_id()
    batch.dialogues.append(
        {
            "id": dialogue_id,
            "source": belonging.source,
            "external_id": dialogue.external_id,
            "channel": dialogue.channel,
            "language": dialogue.language,
            "customer": dialogue.customer,
            "collection": belonging.collection,
            "resolved": dialogue.resolved,
            "content_hash": line.content_hash,
            "created_at": now(),
        }
    )
    return _Held(dialogue_id, [])


def _draft(line: DialogueLine, pair: Pair, belonging: Belonging) -> AnswerDraft:
    # Without a reviewer nobody would see that a title is what one customer wrote.
    reviewed = belonging.status is AnswerStatus.PENDING
    return AnswerDraft(
        text=pair.answer,
        title=pair.title if reviewed else mining.answer_title(pair.answer),
        language=line.dialogue.language or language.detect(pair.answer),
        collection=belonging.collection,
        status=belonging.status,
        origin=MINED,
        personal=pair.personal,
    )


def _passages(line: DialogueLine, pair: Pair, turn_id: UUID) -> list[PositionDraft]:
    stated = line.dialogue.language
    asked = [
        PositionDraft(PositionKind.QUESTION, text, pair.context, stated or language.detect(text), turn_id=turn_id)
        for text in passages.of_question(pair.question)
    ]
    answered = [
        PositionDraft(PositionKind.SENTENCE, text, language=stated or language.detect(text), turn_id=turn_id)
        for text in passages.of_answer(pair.answer)
    ]
    return [*asked, *answered]
