"""FAQ lines into the memory: new answers, more questions of known ones, changed ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers, changes, positions
from knowledge_base.answers import AnswerDraft, AnswerStatus, merge_key, title_of
from knowledge_base.changes import ChangeKind
from knowledge_base.identifiers import new_id, parse_id
from knowledge_base.ingestion import passages
from knowledge_base.ingestion.faq import FaqLine
from knowledge_base.ingestion.outcome import Fate, Outcome
from knowledge_base.ingestion.records import LINE
from knowledge_base.ingestion.rows import AUTHOR, NewAnswer, insert_answers, insert_positions
from knowledge_base.ingestion.said import Said, SaidAnswers, digest
from knowledge_base.ingestion.summary import Rejection
from knowledge_base.positions import PositionDraft
from knowledge_base.tables import MINED, AnswerRow
from knowledge_base.tables.base import now
from weaver_core.dialogue import PositionKind

# What an answer loses when a file that names it by its answer_id no longer says it.
CLEARED: dict[str, object] = {"tags": [], "valid_from": None, "valid_until": None}


@dataclass(slots=True)
class FaqRun:
    """What one import of FAQ lines must remember from batch to batch. `approving`: the operator said so."""

    status: AnswerStatus
    approving: bool = False
    unit: str = LINE
    said: SaidAnswers = field(default_factory=SaidAnswers)

    @property
    def unsaid(self) -> Iterator[UUID]:
        """The stored answers that have what no line of the file gave."""
        return self.said.unsaid()


@dataclass(slots=True)
class _Batch:
    """What a batch will write: new answers by their key, and passages by their answer."""

    said: dict[str, Said]
    rows: dict[str, AnswerRow]
    new: dict[str, NewAnswer] = field(default_factory=dict[str, NewAnswer])
    drafts: dict[UUID, list[PositionDraft]] = field(default_factory=dict[UUID, list[PositionDraft]])
    changed: set[UUID] = field(default_factory=set[UUID])
    fates: list[tuple[UUID, Fate | None, list[PositionDraft]]] = field(
        default_factory=list[tuple[UUID, Fate | None, list[PositionDraft]]]
    )


def screen(lines: Sequence[FaqLine], run: FaqRun) -> tuple[list[FaqLine], list[Rejection], dict[str, Said]]:
    """The lines that agree with the ones before them, those that give an answer_id a second text; what all say.

    Screening a batch again, after its transaction failed, gives the same.
    """
    kept: list[FaqLine] = []
    rejected: list[Rejection] = []
    known = run.said.find({key_of(line) for line in lines})
    news: dict[str, Said] = {}
    for line in lines:
        key, text = key_of(line), digest(" ".join(line.answer.split()))
        said = known.setdefault(key, Said(line.number, text))
        if said.digest != text:
            reason = f"answer_id {line.answer_id} has another answer in {run.unit} {said.line}"
            rejected.append(Rejection(line.number, reason))
            continue
        kept.append(line)
        if said.line == line.number or not line.given <= said.given.keys():
            said.given = dict.fromkeys(line.given, line.number) | said.given
            news[key] = said
    run.said.keep(news)
    return kept, rejected, known


async def store(session: AsyncSession, lines: Sequence[FaqLine], run: FaqRun) -> Outcome:
    """Write a batch of lines in the session's transaction."""
    kept, rejected, said = screen(lines, run)
    batch = _Batch(said, await _known(session, kept))
    for line in kept:
        await _place(session, line, run, batch)
    await insert_answers(session, list(batch.new.values()))
    stored = await insert_positions(session, batch.drafts, [new.id for new in batch.new.values()])
    touched = batch.changed | {answer_id for answer_id, _ in stored} | {new.id for new in batch.new.values()}
    await changes.record(session, ChangeKind.ANSWER, sorted(touched))
    run.said.keep({key: one for key, one in said.items() if one.answer})
    fates = [_fate(answer_id, fate, drafts, stored) for answer_id, fate, drafts in batch.fates]
    pending = len(batch.new) if run.status is AnswerStatus.PENDING else 0
    return Outcome(fates=fates, pending=pending, rejected=rejected)


async def clear_unsaid(session: AsyncSession, answer_ids: Sequence[UUID], run: FaqRun) -> int:
    """Take from these answers what the whole file no longer says of them. Returns how many changed."""
    rows = (await session.execute(select(AnswerRow).where(AnswerRow.id.in_(answer_ids)))).scalars().all()
    unsaid = run.said.unsaid_of(answer_ids)
    for row in rows:
        for name in unsaid[row.id]:
            setattr(row, name, CLEARED[name])
        row.updated_at = now()
    await session.flush()
    await changes.record(session, ChangeKind.ANSWER, [row.id for row in rows])
    return len(rows)


def key_of(line: FaqLine) -> str:
    """What two lines share when they speak of one answer."""
    return f"id:{line.answer_id}" if line.answer_id is not None else f"text:{merge_key(line.collection, line.answer)}"


async def _known(session: AsyncSession, lines: Sequence[FaqLine]) -> dict[str, AnswerRow]:
    """The stored answers that these lines speak of, by the lines' keys."""
    names = {line.answer_id for line in lines if line.answer_id is not None}
    # A generated id is an answer_id like any other: an answer that was exported and comes back is the same one.
    ids = {key for name in names if (key := parse_id(name)) is not None}
    merged = {merge_key(line.collection, line.answer) for line in lines if line.answer_id is None}
    query = select(AnswerRow).where(
        or_(AnswerRow.external_id.in_(names), AnswerRow.id.in_(ids), AnswerRow.merge_key.in_(merged))
    )
    rows: dict[str, AnswerRow] = {}
    for row in (await session.execute(query)).scalars():
        rows[f"id:{row.external_id or row.id}"] = row
        rows[f"text:{row.merge_key}"] = row
    return rows


async def _place(session: AsyncSession, line: FaqLine, run: FaqRun, batch: _Batch) -> None:
    """Decide what a line adds: an answer, a change, another question."""
    key = key_of(line)
    drafts = _questions(line)
    row, new = batch.rows.get(key), batch.new.get(key)
    fate: Fate | None = None
    if row is not None:
        answer_id = row.id
        if await _follow(session, row, line, batch.said[key], run):
            fate = Fate.UPDATED
            batch.changed.add(row.id)
            drafts = [*drafts, *_sentences(line)]
    elif new is not None:
        answer_id = new.id
        batch.new[key] = NewAnswer(new.id, _completed(new.draft, line, batch.said[key]))
    else:
        answer_id, fate = new_id(), Fate.NEW
        batch.new[key] = NewAnswer(answer_id, _draft(line, run.status))
        drafts = [*drafts, *_sentences(line)]
    batch.drafts.setdefault(answer_id, []).extend(drafts)
    batch.fates.append((answer_id, fate, drafts))


async def _follow(session: AsyncSession, row: AnswerRow, line: FaqLine, said: Said, run: FaqRun) -> bool:
    """Bring a stored answer to what a line says of it. Returns whether that changed anything."""
    stated = _stated(line, said)
    if line.answer_id is not None:
        _note_unsaid(row, line, said)
    changed = await _reword(session, row, line, stated)
    changed = _adopt(row, run) or changed
    for name, value in stated.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    if changed:
        row.updated_at = now()
        await session.flush()
    return changed


async def _reword(session: AsyncSession, row: AnswerRow, line: FaqLine, stated: dict[str, object]) -> bool:
    title = stated.pop("title", row.title)
    text = line.answer if line.answer_id is not None else row.text
    if (title, text) == (row.title, row.text):
        return False
    if text != row.text:
        await positions.remove_sentences(session, row.id)
    await answers.revise(session, row.id, str(title), text, AUTHOR)
    return True


def _adopt(row: AnswerRow, run: FaqRun) -> bool:
    """What was mined from dialogues and now comes as an FAQ is the company's own; a waiting one may be approved."""
    if row.origin == MINED:
        row.origin, row.personal, row.status = "faq", False, run.status.value
        return True
    if run.approving and row.status == AnswerStatus.PENDING:
        row.status = AnswerStatus.APPROVED.value
        return True
    return False


def _stated(line: FaqLine, said: Said) -> dict[str, object]:
    """The attributes that this line is the first of the run to give."""
    values: dict[str, object] = {
        "title": line.title,
        "language": line.language,
        "tags": list(line.tags),
        "collection": line.collection,
        "valid_from": line.valid_from,
        "valid_until": line.valid_until,
    }
    return {name: value for name, value in values.items() if said.given.get(name) == line.number}


def _note_unsaid(row: AnswerRow, line: FaqLine, said: Said) -> None:
    if said.line == line.number:
        said.unsaid = {name for name in CLEARED if getattr(row, name) and name not in line.given}
        said.answer = row.id if said.unsaid else None
    else:
        said.unsaid -= line.given


def _draft(line: FaqLine, status: AnswerStatus) -> AnswerDraft:
    return AnswerDraft(
        text=line.answer,
        title=line.title or title_of(line.question),
        external_id=line.answer_id,
        language=line.language,
        collection=line.collection,
        tags=line.tags,
        status=status,
        valid_from=line.valid_from,
        valid_until=line.valid_until,
    )


def _completed(draft: AnswerDraft, line: FaqLine, said: Said) -> AnswerDraft:
    """A new answer with what a later line of its batch adds to it."""
    first = {name for name, number in said.given.items() if number == line.number}
    return replace(
        draft,
        title=line.title if "title" in first and line.title else draft.title,
        language=line.language if "language" in first else draft.language,
        tags=line.tags if "tags" in first else draft.tags,
        collection=line.collection if "collection" in first else draft.collection,
        valid_from=line.valid_from if "valid_from" in first else draft.valid_from,
        valid_until=line.valid_until if "valid_until" in first else draft.valid_until,
    )


def _questions(line: FaqLine) -> list[PositionDraft]:
    kind, language = PositionKind.QUESTION, line.question_language
    return [PositionDraft(kind, text, language=language) for text in passages.of_question(line.question)]


def _sentences(line: FaqLine) -> list[PositionDraft]:
    kind, language = PositionKind.SENTENCE, line.language
    return [PositionDraft(kind, text, language=language) for text in passages.of_answer(line.answer)]


def _fate(answer_id: UUID, fate: Fate | None, drafts: Sequence[PositionDraft], stored: set[tuple[UUID, bytes]]) -> Fate:
    added = {key for draft in drafts if (key := (answer_id, draft.content_hash)) in stored}
    # A second line that asks the same is no news, though the first one's passage is new.
    stored -= added
    if fate is not None:
        return fate
    return Fate.NEW if added else Fate.DUPLICATE
