"""Mined answers that answer nothing are dropped, those that a person touched are not, on both databases."""

import numpy as np
import pytest

from knowledge_base import answers, dialogues, keys, pairing, positions, worthiness
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.errors import AnswerNotFoundError
from knowledge_base.ingestion.importing import no_progress
from knowledge_base.positions import PositionDraft
from tests.knowledge_base.test_answers import ENCODER, unit
from weaver_core.dialogue import PositionKind
from weaver_core.heads.fitted import Heads
from weaver_core.heads.head import Head
from weaver_core.heads.labels import LABELS, Task

pytestmark = pytest.mark.anyio

WORTHY, EMPTY = unit(1), -unit(1)


def _head(task: Task) -> Head:
    """Finds the last label the likelier the nearer a vector is to the worthy one."""
    labels = LABELS[task]
    weights = np.zeros((len(WORTHY), len(labels)))
    weights[:, -1] = 20.0 * WORTHY
    return Head(labels, np.zeros(len(WORTHY)), weights, np.zeros(len(labels)), 1.0)


HEADS = Heads(ENCODER, *(_head(task) for task in Task))


async def _mined(database: Database, text: str, *, worthy: bool, author: str = "import") -> Answer:
    async with database.writing() as session:
        draft = AnswerDraft(text, text, status=AnswerStatus.PENDING, origin="dialogue")
        answer = await answers.create(session, draft, author)
        ids = await positions.add(
            session,
            answer.id,
            [PositionDraft(kind, f"{text} {kind}") for kind in (PositionKind.QUESTION, PositionKind.SENTENCE)],
        )
        await keys.put(session, ENCODER, dict.fromkeys(ids, WORTHY if worthy else EMPTY), [answer.id])
    return answer


async def test_what_answers_nothing_is_dropped_with_its_memory_and_its_dialogue_stays(database: Database) -> None:
    kept = await _mined(database, "Hold the button for ten seconds.", worthy=True)
    empty = await _mined(database, "We hear you.", worthy=False)
    by_hand = await _mined(database, "We do hear you.", worthy=False, author="ada")
    assert await worthiness.drop_empty(database, HEADS, no_progress) == 1
    async with database.reading() as session:
        assert [answer.id for answer in await answers.find(session, statuses=list(AnswerStatus))] == [
            by_hand.id,
            kept.id,
        ]
        with pytest.raises(AnswerNotFoundError):
            await answers.get(session, empty.id)
        assert await positions.of_answer(session, empty.id) == []
        assert await dialogues.count(session) == 0
    assert await worthiness.drop_empty(database, HEADS, no_progress) == 0


async def test_what_was_compared_before_is_not_judged_again(database: Database) -> None:
    await _mined(database, "We hear you.", worthy=False)
    await pairing.pair(database, ENCODER, no_progress)
    assert await worthiness.drop_empty(database, HEADS, no_progress) == 0


async def test_what_waits_for_its_keys_is_judged_once_it_has_them(database: Database) -> None:
    empty = await _mined(database, "We hear you.", worthy=False)
    async with database.writing() as session:
        [late] = await positions.add(session, empty.id, [PositionDraft(PositionKind.SENTENCE, "We do hear you.")])
    assert await worthiness.drop_empty(database, HEADS, no_progress) == 0
    assert (await pairing.pair(database, ENCODER, no_progress)).merged == 0
    async with database.writing() as session:
        await keys.put(session, ENCODER, {late: EMPTY}, [empty.id])
    assert await worthiness.drop_empty(database, HEADS, no_progress) == 1
