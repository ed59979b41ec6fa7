"""Which dialogue lines are new, which have grown since they were stored, and which contradict what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.ingestion.outcome import Fate, Outcome
from knowledge_base.ingestion.past_dialogues import DialogueLine, content_hash
from knowledge_base.ingestion.summary import Rejection
from knowledge_base.tables import DialogueRow, TurnRow


@dataclass(frozen=True, slots=True)
class Known:
    """A dialogue as it was last seen. `id` is None until it is stored."""

    content_hash: str | None
    turns: int
    customer: str | None
    channel: str | None
    language: str | None
    resolved: bool | None
    id: UUID | None = None

    @classmethod
    def of(cls, line: DialogueLine, dialogue_id: UUID | None) -> Self:
        """A dialogue as a line tells it."""
        told = line.dialogue
        facts = (told.customer, told.channel, told.language, told.resolved)
        return cls(line.content_hash, len(told.turns), *facts, id=dialogue_id)

    def grew_into(self, line: DialogueLine) -> bool:
        """Whether a line tells the same dialogue at a later time: more turns at its end, other facts about it.

        The stored turns are masked; the hash of what was read tells whether the line begins with them.
        """
        before = replace(
            line.dialogue,
            turns=line.dialogue.turns[: self.turns],
            customer=self.customer,
            channel=self.channel,
            language=self.language,
            resolved=self.resolved,
        )
        return content_hash(before) == self.content_hash


async def find(session: AsyncSession, source: str, external_ids: Sequence[str]) -> dict[str, Known]:
    """Those of a source's dialogues that are stored, by their external ids."""
    turns = select(func.count()).where(TurnRow.dialogue_id == DialogueRow.id).scalar_subquery()
    query = select(DialogueRow, turns).where(
        DialogueRow.source == source, DialogueRow.external_id.in_(set(external_ids))
    )
    return {
        row.external_id: Known(
            row.content_hash, count, row.customer, row.channel, row.language, row.resolved, id=row.id
        )
        for row, count in await session.execute(query)
        if row.external_id is not None
    }


def screen(lines: Sequence[DialogueLine], known: dict[str, Known], outcome: Outcome) -> list[DialogueLine]:
    """The lines that are to be stored: new dialogues, and known ones that have grown, each in its latest form.

    The others' fates go into the outcome; `known` learns what the lines tell.
    """
    kept: dict[str, DialogueLine] = {}
    for line in lines:
        external_id = line.dialogue.external_id
        before = known.get(external_id)
        if before is not None and before.content_hash == line.content_hash:
            outcome.fates.append(Fate.DUPLICATE)
        elif before is None or before.grew_into(line):
            if external_id in kept:
                # The file tells it twice, and the second time more of it.
                outcome.fates.append(Fate.UPDATED)
            known[external_id] = Known.of(line, before.id if before else None)
            kept[external_id] = line
        else:
            reason = f"the dialogue {external_id} is stored with other content"
            outcome.rejected.append(Rejection(line.number, reason))
    return list(kept.values())
