"""One decision for a whole cluster: carried out at once, taken back exactly, and never over a colleague's."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from bot.judgements import clustering, curation
from bot.judgements.correction import CorrectionError, RightAnswer, correct
from bot.judgements.deciding import Decided, decide
from bot.judgements.undoing import undo
from bot.judgements.verdict import Edit, Verdict, VerdictKind
from bot.reply import Query
from knowledge_base import answers, audit, erasure, exports, feedback, positions
from knowledge_base.answers import AnswerStatus
from knowledge_base.errors import (
    AnswerChangedError,
    AnswerRetiredError,
    ClusterChangedError,
    DecisionUndoneError,
    FeedbackResolvedError,
)
from knowledge_base.feedback import Feedback
from knowledge_base.reviews import clusters, decisions, queue
from knowledge_base.reviews.filters import Filters, ReviewState
from tests.bot.judgements.test_correction import QUESTION, RIGHT, House, house

pytestmark = pytest.mark.anyio

__all__ = ["house"]

OpenHouse = Callable[[], AbstractAsyncContextManager[House]]
ALIKE = (QUESTION, "My boots are too small, what now?", "my boots are too small what now!")
REJECT = Verdict(VerdictKind.REJECT)
RETURNS = Verdict(VerdictKind.CORRECT, RightAnswer("returns"))


async def _failures(at: House, *texts: str) -> list[Feedback]:
    held = [await at.down(await at.ask(text)) for text in texts]
    await clustering.look(at.service.database, at.service.serving)
    return held


async def _clusters(at: House, state: ReviewState = ReviewState.OPEN) -> list[queue.Cluster]:
    async with at.service.database.reading() as session:
        return await queue.clusters(session, Filters(state=state, vote=None), 50)


async def _behaviour(at: House) -> list[Any]:
    """All that decides what the bot says: every answer's words, status and memory, and what it replies."""
    found: list[Any] = []
    async with at.service.database.reading() as session:
        for answer in await answers.find(session, "", list(AnswerStatus)):
            if answer.status is AnswerStatus.RETIRED and answer.origin == "reviewer":
                continue
            memory = await positions.of_answer(session, answer.id)
            held = sorted((one.kind.value, one.text, round(one.trust, 6), str(one.feedback_id)) for one in memory)
            found.append((answer.answer_id, answer.title, answer.text, answer.status.value, held))
    for text in (*ALIKE, "When do parcels come?", "Can I send it back?"):
        reply = await at.service.serving.respond(Query(text))
        found.append([(one.answer.answer_id, round(one.probability, 6)) for one in reply.candidates])
    return sorted(found[:-5], key=str) + found[-5:]


async def test_near_identical_questions_are_one_problem_and_one_decision_counts_for_all(house: OpenHouse) -> None:
    async with house() as at:
        held = await _failures(at, *ALIKE, "四月份的发票什么时候开？")
        found = await _clusters(at)
        assert sorted(cluster.failures for cluster in found) == [1, 3]
        three = next(cluster for cluster in found if cluster.failures == 3)
        assert three.customers == 3
        decided = await decide(at.service, {held[1].id: three.version}, RETURNS, "rhea")
        assert set(decided.feedback_ids) == {one.id for one in held[:3]}
        assert [await at.best(text) for text in ALIKE] == [RIGHT] * 3
        assert [cluster.failures for cluster in await _clusters(at)] == [1]
        assert [cluster.failures for cluster in await _clusters(at, ReviewState.SAVED)] == [3]


async def test_undo_restores_the_earlier_behaviour_exactly(house: OpenHouse) -> None:
    async with house() as at:
        # A colleague's earlier correction gives these very words to another answer; it makes way and comes back.
        first = await at.ask()
        await correct(at.service, first.id, RightAnswer(text="Boots are exchanged in the shop."), "ruth")
        held = await _failures(at, *ALIKE)
        async with at.service.database.reading() as session:
            pending = await answers.by_public_id(session, "returns")
            (wording,) = await answers.revisions(session, pending.id)
        await curation.change(at.service, "returns", curation.Change(status=AnswerStatus.PENDING), "ruth")
        edit = Edit("returns", "Returns", "Thirty days. Boots too.", wording.number)
        before = await _behaviour(at)
        for verdict in (
            RETURNS,
            Verdict(VerdictKind.CORRECT, RightAnswer(text="Send the boots back, we pay.")),
            Verdict(VerdictKind.APPROVE),
            REJECT,
            Verdict(VerdictKind.EDIT, edit=edit),
        ):
            decided = await decide(at.service, {held[0].id: None}, verdict, "rhea")
            assert {one.state for one in await _held(at, held)} == {"resolved"}
            if verdict.kind in (VerdictKind.CORRECT, VerdictKind.EDIT):
                assert await _behaviour(at) != before
            assert set(await undo(at.service, decided.id, "rhea")) == {one.id for one in held}
            assert await _behaviour(at) == before, verdict
            assert {one.state for one in await _held(at, held)} == {"open"}
        with pytest.raises(DecisionUndoneError):
            await undo(at.service, decided.id, "ruth")


async def test_an_edit_changes_the_nearest_answer_and_teaches_it_the_questions(house: OpenHouse) -> None:
    async with house() as at:
        held = await _failures(at, *ALIKE)
        words = "Thirty days, boots too."
        decided = await decide(at.service, {held[0].id: 0}, _edit(words), "rhea")
        assert decided.answer is not None
        assert (decided.answer.text, await at.best()) == (words, words)
        assert len(await at.corrections(at.right.id)) == 3


async def test_an_edit_of_an_answer_that_was_retired_or_changed_meanwhile_does_nothing(house: OpenHouse) -> None:
    async with house() as at:
        held = await _failures(at, *ALIKE)
        await curation.revise(at.service, "returns", "Returns", "Sixty days.", "ruth")
        with pytest.raises(AnswerChangedError, match="ruth"):
            await decide(at.service, {held[0].id: 0}, _edit("Ninety days."), "rhea")
        await curation.retire(at.service, "returns", "ruth")
        with pytest.raises(AnswerRetiredError, match="retired meanwhile"):
            await decide(at.service, {held[0].id: 0}, _edit("Ninety days."), "rhea")
        with pytest.raises(CorrectionError, match="retired"):
            await decide(at.service, {held[0].id: 0}, RETURNS, "rhea")
        assert {one.state for one in await _held(at, held)} == {"open"}
        async with at.service.database.reading() as session:
            assert (await answers.by_public_id(session, "returns")).text == "Sixty days."


async def test_the_second_of_two_reviewers_is_told_and_overwrites_nothing(house: OpenHouse) -> None:
    async with house() as at:
        held = await _failures(at, *ALIKE)
        async with at.service.database.writing() as session:
            await clusters.flag(session, held[0].id, 0, "ruth", flagged=True)
        with pytest.raises(ClusterChangedError, match="ruth has changed this"):
            await decide(at.service, {held[0].id: 0}, RETURNS, "rhea")
        await decide(at.service, {held[0].id: 1}, REJECT, "ruth")
        with pytest.raises(FeedbackResolvedError, match="ruth has already decided"):
            await decide(at.service, {held[2].id: 2}, RETURNS, "rhea")
        assert {one.resolution for one in await _held(at, held)} == {"dismissed"}


async def test_a_bulk_decision_that_cannot_be_carried_out_for_one_is_carried_out_for_none(house: OpenHouse) -> None:
    async with house() as at:
        held = await _failures(at, *ALIKE, "四月份的发票什么时候开？")
        await decide(at.service, {held[3].id: None}, REJECT, "ruth")
        before = await _behaviour(at)
        with pytest.raises(FeedbackResolvedError):
            await decide(at.service, {held[0].id: None, held[3].id: None}, RETURNS, "rhea")
        assert await _behaviour(at) == before
        assert {one.state for one in await _held(at, held[:3])} == {"open"}
        async with at.service.database.reading() as session:
            assert "correct" not in [entry.action for entry in await audit.newest(session)]


async def test_an_item_that_was_taken_out_is_a_problem_of_its_own_and_stays_so(house: OpenHouse) -> None:
    async with house() as at:
        held = await _failures(at, *ALIKE)
        async with at.service.database.writing() as session:
            await clusters.split(session, held[0].id, 0, "rhea")
        assert sorted(cluster.failures for cluster in await _clusters(at)) == [1, 2]
        decided = await decide(at.service, {held[0].id: None}, REJECT, "rhea")
        assert decided.feedback_ids == (held[0].id,)
        async with at.service.database.writing() as session:
            keys = [await queue.key_of(session, one.id) for one in held]
            await clusters.merge(session, [key for key in keys if key], "rhea")
        assert [cluster.failures for cluster in await _clusters(at)] == [2]


async def test_whoever_is_erased_is_gone_from_the_queue_with_the_notes_beside_them(house: OpenHouse) -> None:
    async with house() as at:
        held = await _failures(at, *ALIKE)
        async with at.service.database.writing() as session:
            await clusters.note(session, held[0].id, "rhea", "She wrote twice.")
            rows = await exports.of_customer(session, "nobody")
            assert rows["review_note"] == []
            erased = await erasure.erase(session, [held[0].conversation_id])
        assert {name: erased.counts[name] for name in ("review_notes", "clustered", "question_vectors")} == {
            "review_notes": 1,
            "clustered": 1,
            "question_vectors": 1,
        }
        (left,) = await _clusters(at)
        assert left.failures == 2
        decided = await decide(at.service, {held[1].id: None}, REJECT, "rhea")
        assert set(decided.feedback_ids) == {held[1].id, held[2].id}


async def test_the_undo_of_an_edit_stops_where_somebody_has_edited_since(house: OpenHouse) -> None:
    async with house() as at:
        held = await _failures(at, *ALIKE)
        decided = await decide(at.service, {held[0].id: 0}, _edit("Ninety days."), "rhea")
        await curation.revise(at.service, "returns", "Returns", "Ten days.", "ruth")
        with pytest.raises(CorrectionError, match="edited since"):
            await undo(at.service, decided.id, "rhea")
        async with at.service.database.reading() as session:
            assert (await decisions.get(session, decided.id)).undone_by is None
        assert {one.state for one in await _held(at, held)} == {"resolved"}


def _edit(text: str) -> Verdict:
    return Verdict(VerdictKind.EDIT, edit=Edit("returns", "Returns", text, 1))


async def _held(at: House, held: list[Feedback]) -> list[Feedback]:
    async with at.service.database.reading() as session:
        return [await feedback.get(session, one.id) for one in held]


def test_a_verdict_names_what_its_kind_needs() -> None:
    for wrong in ({"kind": VerdictKind.CORRECT}, {"kind": VerdictKind.REJECT, "right": RightAnswer("a")}):
        with pytest.raises(CorrectionError):
            Verdict(**wrong)
    with pytest.raises(CorrectionError):
        replace(_edit("x"), edit=None)
    assert UUID(int=0) not in Decided(UUID(int=1), (), None).feedback_ids
